"""Training against its oracle: the maximum likelihood of probabilistic PCA, never to be passed."""

import importlib.util
from pathlib import Path

import pytest

from latentia.data import load
from latentia.training.settings import Settings

PATH = Path(__file__).parents[2] / "benchmarks" / "ppca.py"


@pytest.fixture(scope="module")
def row():
    spec = importlib.util.spec_from_file_location("ppca", PATH)
    ppca = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(ppca)
    settings = Settings(epochs=40, batch_size=128, learning_rate=0.02)
    return ppca.compare(load("digits"), 5, settings)


def test_training_reaches_the_maximum_likelihood_and_does_not_pass_it(row):
    assert 0 <= row.closed_train - row.trained_train < 0.5
    assert row.trained_variance == pytest.approx(row.closed_variance, rel=0.02)


def test_the_elbo_is_below_the_exact_evidence_and_close_to_it(row):
    """At the optimum the diagonal posterior is exact, up to a rotation of the latents."""
    assert 0 < row.trained_train - row.elbo_train < 0.5
