"""From the command line an error speaks of flags, from Python of keywords."""

import inspect

import numpy as np
import pytest

import latentia as lt
from latentia import voice
from latentia.errors import LatentiaError, UsageError
from latentia.training.settings import Settings


@pytest.mark.parametrize(
    ("flags", "keywords"),
    [
        ("--latent-dim", "n_components"),
        ("Use --binarize none.", "Use binarize='none'."),
        ("--network.hidden, --network.activation", "network={'hidden': ...}, network={'activati"),
        ("--prior.components 20", "prior={'components': 20}"),
        ("--corruption.rate (masking)", "corruption={'rate': ...} (masking)"),
        ("--objective.beta", "beta"),
        ("--objective.*", "objective"),
        ("--objective.free_bits", "objective={'free_bits': ...}"),
        ("`--posterior dirac --prior flat`", "`variational='dirac', prior='flat'`"),
        ("Lower --learning-rate (by 10), set --clip 10, or", "settings={'clip': 10}, or"),
        ("Leave --size out.", "Leave size out."),
        ("in --epochs and", "in max_epochs and"),
        ("--steps, --method", "steps, method"),
        ("choose another path with --out.", "choose another path."),
        ("`latentia train --resume --out x`", "`latentia train --resume --out x`"),
        ("a -- b, x-1, --", "a -- b, x-1, --"),
    ],
)
def test_flags_become_keywords(flags, keywords):
    assert keywords in voice.keywords(flags)


def test_every_setting_of_training_has_its_keyword():
    """What is no argument of an estimator goes into `settings`."""
    arguments = inspect.signature(lt.VAE).parameters
    for field in Settings.model_fields:
        keyword = voice.keywords(f"--{field.replace('_', '-')}")
        assert keyword in arguments or keyword == f"settings={{{field!r}: ...}}"


def test_every_option_of_train_is_a_keyword_where_estimators_have_it():
    arguments = inspect.signature(lt.VAE).parameters
    for name in ("network", "posterior", "prior", "likelihood", "objective", "corruption"):
        assert voice.keywords(f"--{name}") in arguments
    for name in ("latent-dim", "binarize", "device", "seed"):
        assert voice.keywords(f"--{name}") in arguments


X = np.random.default_rng(0).normal(size=(40, 3)).astype(np.float32)

MISTAKES = {
    "n_components": lambda: lt.VAE(0).fit(X),
    "binarize='none'": lambda: lt.VAE(2, binarize="dynamic").fit(X),
    "likelihood='gaussian'": lambda: lt.VAE(2, likelihood="bernoulli").fit(X),
    "network={'hidden': ...}": lambda: lt.VAE(2, network={"name": "mlp", "hidden": (0,)}).fit(X),
    "network='mlp'": lambda: lt.VAE(2, network="conv").fit(X),
    "prior={'components': ...}": lambda: lt.VAE(2, prior={"name": "mixture", "components": 0}).fit(
        X
    ),
    "variational='gaussian'": lambda: lt.VAE(2, variational="dirac", prior="mixture").fit(X),
    "corruption={'rate': ...}": lambda: lt.VAE(2, corruption={"name": "masking", "rate": 2.0}).fit(
        X
    ),
    "settings={'clip': ...}": lambda: lt.VAE(2, settings={"clip": -1}).fit(X),
    "learning_rate": lambda: lt.VAE(2, learning_rate=-1.0).fit(X),
    "max_epochs": lambda: lt.AutoEncoder(2, max_epochs=-1).fit(X),
    "device": lambda: lt.VAE(2, device="tpu").fit(X),
}


@pytest.mark.parametrize("words", MISTAKES)
def test_estimators_speak_python(words):
    with pytest.raises(LatentiaError) as caught:
        MISTAKES[words]()
    error = caught.value
    assert words in str(error)
    assert "--" not in str(error)
    assert error.where in str(error) and error.how in str(error)


def test_inside_the_command_line_flags_stay():
    with voice.speaking_flags(), pytest.raises(UsageError) as caught:
        MISTAKES["n_components"]()
    assert caught.value.where == "--latent-dim 0"
    with pytest.raises(UsageError) as caught:
        MISTAKES["n_components"]()
    assert caught.value.where == "n_components=0"


def test_the_command_line_speaks_flags(latentia, point_run, tmp_path, inked_run):
    said = latentia("sample", point_run, "--out", tmp_path / "x.npy")
    assert "--posterior gaussian" in said.err
    said = latentia("interpolate", inked_run, 0, 1, "--steps", 1, "--out", tmp_path / "x.npy")
    assert "--steps" in said.err


def test_an_error_without_flags_is_the_same(inked_run):
    with pytest.raises(LatentiaError) as caught:
        lt.load(inked_run.parent / "none")
    assert "no run here" in str(caught.value)
