"""Training against its oracle: the maximum likelihood of probabilistic PCA, never to be passed."""

import importlib.util
import json
from pathlib import Path

import pytest
import torch
from sklearn.decomposition import PCA

from latentia import room
from latentia.data import load
from latentia.evidence.exact import Exact
from latentia.model import LatentVariableModel
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


def at_the_optimum(x, latents):
    """Return the linear VAE at the maximum likelihood of PPCA, with its exact diagonal posterior.

    Lucas et al., 2019: W = U (Lambda - s^2 I)^(1/2) has orthogonal columns, so p(z|x) is diagonal.
    """
    known = PCA(latents, svd_solver="full").fit(x)
    s2 = float(known.noise_variance_)
    weight = torch.from_numpy(known.components_.T) * torch.from_numpy(
        (known.explained_variance_ - s2) ** 0.5
    )
    precision = (weight.square().sum(0) + s2) / s2
    offer = {
        "network": room.build("network", "linear"),
        "x_shape": x.shape[1:],
        "latent_dim": latents,
    }
    likelihood = {"name": "gaussian", "sigma": "fixed", "value": s2**0.5}
    model = LatentVariableModel(
        room.build("posterior", "gaussian", **offer),
        room.build("prior", "standard-normal", **offer),
        room.build("likelihood", likelihood, **offer),
    ).double()
    with torch.no_grad():
        model.likelihood.decoder[0].weight.copy_(weight)
        model.likelihood.bias.copy_(torch.from_numpy(known.mean_))
        model.likelihood.log_sigma.fill_(0.5 * torch.tensor(s2).double().log())
        model.posterior.standardize.shift.copy_(torch.from_numpy(known.mean_))
        head = model.posterior.head
        head.weight.zero_()
        head.weight[:latents] = (weight / s2 / precision).T
        head.bias[:latents] = 0
        head.bias[latents:] = -0.5 * precision.log()
    return model.eval(), known


def test_at_the_optimum_the_elbo_is_the_evidence_of_the_digits():
    data = load("mnist5k")
    x = data.x[:2000].reshape(2000, -1).astype(float) / 255
    model, known = at_the_optimum(x, 10)
    some = torch.from_numpy(x[:100])
    with torch.no_grad():
        log_w = model(some, samples=3).log_w
    exact = Exact()(model, some).log_likelihood
    assert (log_w - exact).abs().max() < 1e-3
    torch.testing.assert_close(
        exact, torch.from_numpy(known.score_samples(x[:100])), rtol=0, atol=1e-4
    )


def test_the_committed_benchmark_is_that_of_the_literature_and_never_passed():
    found = json.loads((PATH.parent / "results" / "ppca.json").read_text())["rows"]
    published = {
        2: (12.43, 14.36),
        10: (182.16, 186.02),
        20: (299.76, 306.55),
        50: (507.91, 517.60),
    }
    assert {row["latents"] for row in found} == set(published)
    for row in found:
        train, test = published[row["latents"]]
        assert row["closed_train"] == pytest.approx(train, abs=0.011)
        assert row["closed_test"] == pytest.approx(test, abs=0.011)
        assert 0 <= row["closed_train"] - row["trained_train"] < 0.5
        assert row["elbo_train"] < row["trained_train"]
