"""Counts, classes and positive numbers: which likelihood describes them, and which is refused."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.data import Data
from latentia.design import Wishes, assemble, decide, why_no_likelihood
from latentia.errors import UsageError

RNG = np.random.default_rng(0)
COUNTS = RNG.poisson(4.0, (80, 6)).astype(np.float64)
DATA = {
    "counts": COUNTS,
    "counts with holes": np.where(RNG.random(COUNTS.shape) < 0.1, np.nan, COUNTS),
    "grades": RNG.integers(0, 4, (80, 6)),
    "zeros and ones": RNG.integers(0, 2, (80, 6)),
    "prices": RNG.lognormal(1.0, 0.5, (80, 6)),
    "shares": RNG.beta(2.0, 5.0, (80, 6)),
    "shares with a zero": np.where(np.arange(480).reshape(80, 6) == 7, 0, RNG.random((80, 6))),
    "differences": RNG.normal(0, 3, (80, 6)),
    "whole differences": RNG.integers(-5, 5, (80, 6)),
    "bytes": RNG.integers(0, 256, (80, 6, 6), dtype=np.uint8),
}
# Likelihood: the data of which it is one. All others are refused.
DESCRIBED = {
    "poisson": {"counts", "counts with holes", "grades", "zeros and ones"},
    "negative-binomial": {"counts", "counts with holes", "grades", "zeros and ones"},
    "categorical": {"counts", "counts with holes", "grades", "zeros and ones"},
    "ordinal": {"counts", "counts with holes", "grades"},
    "log-normal": {"prices", "shares"},
    "beta": {"shares"},
}


def chosen(name, likelihood):
    return decide(Data.from_array(DATA[name]).schema, Wishes(likelihood=likelihood))


@pytest.mark.parametrize("name", DATA)
@pytest.mark.parametrize("likelihood", DESCRIBED)
def test_a_likelihood_of_some_numbers_is_one_of_those_and_refused_elsewhere(name, likelihood):
    if name in DESCRIBED[likelihood]:
        design, _ = chosen(name, likelihood)
        assert why_no_likelihood(assemble(design), design.view) == ""
    else:
        with pytest.raises(UsageError) as caught:
            assemble(chosen(name, likelihood)[0])
        assert "--likelihood" in str(caught.value)


@pytest.mark.parametrize("likelihood", ["laplace", "student-t", "gaussian"])
def test_densities_of_real_numbers_are_densities_of_counts_and_prices_too(likelihood):
    for name in ("counts", "prices", "differences"):
        design, _ = chosen(name, likelihood)
        assert why_no_likelihood(assemble(design), design.view) == ""


def test_the_data_say_how_many_classes_there_are():
    assert chosen("grades", "ordinal")[0].likelihood["classes"] == 4
    wish = {"name": "categorical", "classes": 6}
    assert chosen("grades", wish)[0].likelihood["classes"] == 6
    with pytest.raises(UsageError, match="go up to 3"):
        chosen("grades", {"name": "categorical", "classes": 3})


def test_so_many_classes_are_counts():
    x = COUNTS * 1000
    with pytest.raises(UsageError, match="negative-binomial"):
        decide(Data.from_array(x).schema, Wishes(likelihood="categorical"))


def test_who_has_counts_is_told_of_their_probability():
    assert "poisson" in chosen("counts", "auto")[1][0]
    assert "poisson" not in chosen("differences", "auto")[1][0]


@pytest.mark.parametrize(
    ("name", "likelihood"),
    [
        ("counts with holes", "negative-binomial"),
        ("counts", "poisson"),
        ("grades", "ordinal"),
        ("grades", "categorical"),
        ("prices", "log-normal"),
        ("shares", "beta"),
        ("differences", "student-t"),
        ("differences", "laplace"),
    ],
)
def test_the_whole_way_and_back_from_a_folder(tmp_path, name, likelihood):
    x = DATA[name]
    vae = lt.VAE(likelihood=likelihood, max_epochs=2, n_components=2).fit(x)
    vae.save(tmp_path / "run")
    again = lt.load(tmp_path / "run")
    nats = again.score_samples(x, n_importance=16)
    assert nats.shape == (80,) and np.isfinite(nats).all()
    np.testing.assert_array_equal(nats, vae.score_samples(x, n_importance=16))
    drawn = again.sample(50)
    design = again.config_.model
    assert drawn.shape == (50, 6)
    assert not (design.also and "counts" in design.also) or (drawn == np.floor(drawn)).all()
    assert "positive" not in design.also or (drawn > 0).all()


def test_a_row_that_is_no_count_has_no_probability_and_spoils_no_other():
    vae = lt.VAE(likelihood="poisson", max_epochs=1).fit(COUNTS)
    x = COUNTS[:3].copy()
    x[1, 2] = 0.5
    nats = vae.elbo(x).elbo
    assert nats[1] == -np.inf and np.isfinite(nats[[0, 2]]).all()


def test_what_is_binarized_is_black_or_white_and_nothing_else():
    design, _ = decide(
        Data.from_array(DATA["shares"]).schema, Wishes(likelihood="beta", binarize="threshold")
    )
    assert design.view.supports == {"binary"}
    assert "black-and-white" in why_no_likelihood(assemble(design), design.view)


@pytest.mark.parametrize("likelihood", ["poisson", "negative-binomial"])
def test_the_encoder_sees_counts_by_their_logarithm(likelihood):
    vae = lt.VAE(likelihood=likelihood, max_epochs=1).fit(COUNTS)
    standardize = vae.model_.posterior.standardize
    x = torch.tensor(COUNTS).float()
    seen = standardize(x)
    torch.testing.assert_close(seen, (x.log1p() - standardize.shift) / standardize.scale)
    assert seen.mean().abs() < 0.2 and 0.8 < seen.std() < 1.2
    missing = x.clone()
    missing[0, 1] = torch.nan
    assert standardize(missing)[0, 1] == 0


def test_the_encoder_sees_what_is_log_normal_by_its_logarithm_after_a_load_too(tmp_path):
    prices = DATA["prices"] * 1e-6
    vae = lt.VAE(likelihood="log-normal", max_epochs=1).fit(prices)
    vae.save(tmp_path / "run")
    again = lt.load(tmp_path / "run")
    x = torch.tensor(prices).float()
    seen = again.model_.posterior.standardize(x)
    assert seen.mean().abs() < 0.2 and 0.8 < seen.std() < 1.2
    np.testing.assert_array_equal(again.transform(prices), vae.transform(prices))


def test_counts_with_large_factors_are_coded():
    """Two factors that move rates tenfold: seen as they are, outliers would hide them."""
    random = np.random.default_rng(1)
    z = random.normal(size=(800, 2))
    rates = np.exp(1.5 + z @ (0.6 * random.normal(size=(2, 8))))
    x = random.poisson(rates).astype(float)
    vae = lt.VAE(likelihood="poisson", n_components=2, max_epochs=30, learning_rate=3e-3).fit(x)
    nats = vae.elbo(x)
    assert nats.kl.mean() > 2
    mean = x.mean(0)  # of independent Poissons
    marginal = (x * np.log(mean) - mean - torch.lgamma(torch.tensor(x) + 1).numpy()).sum(1).mean()
    assert nats.elbo.mean() > marginal + 2


def test_reconstructions_are_the_most_probable_classes():
    x = np.random.default_rng(0).integers(0, 3, (80, 5))
    vae = lt.VAE(likelihood="categorical", max_epochs=1).fit(x)
    assert set(np.unique(vae.reconstruct(x))) <= {0.0, 1.0, 2.0}


def test_a_constant_column_says_nothing_of_the_others():
    x = np.concatenate([DATA["grades"], np.full((80, 1), 50.5)], axis=1)
    assert chosen_of(x, "categorical").likelihood["classes"] == 4
    assert chosen_of(np.concatenate([COUNTS, np.full((80, 1), -0.5)], 1), "poisson").also


def chosen_of(x, likelihood):
    return decide(Data.from_array(x).schema, Wishes(likelihood=likelihood))[0]


def test_counts_beyond_what_float32_tells_apart_are_refused():
    with pytest.raises(UsageError, match="16,777,216"):
        chosen_of(COUNTS * 1e7, "poisson")


def test_noise_on_what_is_log_normal_is_no_value_of_minus_eighty():
    vae = lt.VAE(likelihood="log-normal", max_epochs=1).fit(DATA["prices"])
    x = torch.tensor(DATA["prices"]).float()
    x[:, 0] = 0.0
    assert (vae.model_.posterior.standardize(x).abs() <= 10).all()


def test_a_row_of_an_unseen_class_is_named(latentia, tmp_path):
    np.save(tmp_path / "grades.npy", DATA["grades"])
    other = DATA["grades"][:12].copy()
    other[3, 2] = 9
    np.save(tmp_path / "other.npy", other)
    quick = ["--epochs", "1", "--network.hidden", "8", "--quiet"]
    run = ["--likelihood", "categorical", "--out", tmp_path / "run"]
    latentia("train", tmp_path / "grades.npy", *run, *quick)
    said = latentia("score", tmp_path / "run", tmp_path / "other.npy")
    assert said.code == 0, said.err
    assert (
        "1 of 12 examples have probability 0 under a categorical likelihood (example 3)"
        in said.err
    )
    assert (
        latentia("score", tmp_path / "run", tmp_path / "grades.npy").err.count("probability 0")
        == 0
    )
