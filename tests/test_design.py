"""From a schema to a model: every choice with its reason, and an honest name for the numbers."""

import numpy as np
import pytest

from latentia.data import Data
from latentia.design import Design, Wishes, assemble, decide, why_no_likelihood
from latentia.errors import UsageError
from latentia.evaluation.bound import bound
from latentia.request import DataRequest
from latentia.session import Plan, prepare

RNG = np.random.default_rng(0)


def ink(kind):
    x = np.where(RNG.random((40, 28, 28)) < 0.13, 250, 3)
    return {"bytes": x.astype(np.uint8), "unit": (x / 255).astype(np.float32)}[kind]


def table(missing=False):
    x = RNG.normal(3, 10, (60, 7)).astype(np.float32)
    if missing:
        x[::5, 2] = np.nan
    return x


DATA = {
    "digits like MNIST": ink("bytes"),
    "black and white": (RNG.random((40, 12, 12)) < 0.3).astype(np.uint8),
    "colour": RNG.integers(0, 256, (40, 16, 16, 3)).astype(np.uint8),
    "grey photographs": RNG.integers(30, 220, (40, 24, 24)).astype(np.uint8),
    "large grey photographs": RNG.integers(30, 220, (20, 48, 48)).astype(np.uint8),
    "ink in [0, 1]": ink("unit"),
    "photographs in [0, 1]": RNG.uniform(0.2, 0.8, (40, 16, 16)).astype(np.float32),
    "a table": table(),
    "a table with holes": table(missing=True),
}

# name: likelihood, binarize, network, latents, words of the reasons
CHOICES = {
    "digits like MNIST": ("bernoulli", "dynamic", "mlp", 2, ["mostly ink or paper"]),
    "black and white": ("bernoulli", "none", "mlp", 2, ["12x12 images with 1 channel"]),
    "colour": ("discretized-logistic", "none", "conv", 32, ["3 channels", "coloured"]),
    "grey photographs": ("discretized-logistic", "none", "mlp", 2, ["24x24"]),
    "large grey photographs": ("discretized-logistic", "none", "conv", 32, ["48x48"]),
    "ink in [0, 1]": ("bernoulli", "dynamic", "mlp", 2, ["mostly ink or paper"]),
    "photographs in [0, 1]": ("gaussian", "none", "mlp", 2, ["continuous pixels"]),
    "a table": ("gaussian", "none", "mlp", 3, ["a sigma for every column", "half of 7 columns"]),
    "a table with holes": ("gaussian", "none", "mlp", 3, ["real numbers"]),
}


def chosen(name, **wishes):
    return decide(Data.from_array(DATA[name]).schema, Wishes(**wishes))


@pytest.mark.parametrize("name", DATA)
def test_the_data_choose_and_the_reasons_say_why(name):
    design, reasons = chosen(name)
    likelihood, binarize, network, latents, words = CHOICES[name]
    found = design.likelihood["name"], design.binarize, design.network["name"], design.latent_dim
    assert found == (likelihood, binarize, network, latents)
    assert [reason.split()[0] for reason in reasons] == [
        *("likelihood", "binarize", "network", "latents", "posterior")
    ]
    assert all(word in " ".join(reasons) for word in words), reasons
    # Nothing chosen by itself is called "as asked".
    assert "as asked" not in " ".join(reasons)


@pytest.mark.parametrize("name", DATA)
def test_what_is_chosen_by_itself_is_always_a_likelihood(name):
    design, _ = chosen(name)
    assert why_no_likelihood(assemble(design), design.view) == ""


@pytest.mark.parametrize("name", DATA)
def test_the_chosen_model_is_built_and_finite(name):
    session = prepare(Data.from_array(DATA[name]), Plan(device="cpu"), DataRequest())
    assert np.isfinite(bound(session.model, session.task.validation).elbo)


@pytest.mark.parametrize("name", ["digits like MNIST", "colour", "a table"])
def test_a_design_is_rebuilt_from_its_json(name):
    design, _ = chosen(name)
    again = Design.model_validate_json(design.model_dump_json())
    ours, theirs = assemble(design, seed=3).state_dict(), assemble(again, seed=3).state_dict()
    assert ours.keys() == theirs.keys()
    assert all(bool((ours[k] == theirs[k]).all()) for k in ours)


@pytest.mark.parametrize(
    "likelihood", ["bernoulli", "continuous-bernoulli", "discretized-logistic"]
)
def test_bounded_likelihoods_are_refused_on_real_numbers(likelihood, says):
    with pytest.raises(UsageError) as caught:
        chosen("a table", likelihood=likelihood)
    says(caught.value, "within [0, 1]", "--likelihood", "Use --likelihood gaussian")


def test_real_numbers_are_not_binarized(says):
    with pytest.raises(UsageError) as caught:
        chosen("a table", binarize="dynamic")
    says(caught.value, "Only values within [0, 1] can be binarized", "--binarize none")


@pytest.mark.parametrize("dim", [0, -3])
def test_a_model_has_latents(dim, says):
    with pytest.raises(UsageError) as caught:
        chosen("a table", latent_dim=dim)
    says(caught.value, "at least one latent", "--latent-dim")


def honesty(name, **wishes):
    design, _ = chosen(name, **wishes)
    return why_no_likelihood(assemble(design), design.view)


@pytest.mark.parametrize("name", ["digits like MNIST", "ink in [0, 1]"])
def test_a_bernoulli_on_greys_is_called_a_cross_entropy(name):
    assert "cross-entropy" in honesty(name, likelihood="bernoulli", binarize="none")
    for binarize in ("dynamic", "threshold"):
        assert honesty(name, likelihood="bernoulli", binarize=binarize) == ""


@pytest.mark.parametrize(
    ("name", "likelihood", "is_one"),
    [
        ("grey photographs", "discretized-logistic", True),
        ("grey photographs", "continuous-bernoulli", True),
        ("grey photographs", "gaussian", True),
        ("photographs in [0, 1]", "continuous-bernoulli", True),
        ("photographs in [0, 1]", "gaussian", True),
        ("photographs in [0, 1]", "discretized-logistic", False),
        ("black and white", "bernoulli", True),
        ("black and white", "continuous-bernoulli", False),
        ("black and white", "gaussian", False),
        ("a table", "gaussian", True),
    ],
)
def test_which_likelihood_describes_which_data(name, likelihood, is_one):
    reason = honesty(name, likelihood=likelihood, binarize="none")
    assert (reason == "") is is_one, reason


def test_a_density_on_binarized_greys_is_none():
    assert "no probability of black-and-white data" in honesty(
        "digits like MNIST", likelihood="gaussian", binarize="dynamic"
    )


def test_a_point_posterior_bounds_nothing():
    assert "point mass" in honesty("digits like MNIST", posterior="dirac", prior="flat")


def test_options_without_a_name_go_to_the_automatic_choice():
    design, _ = chosen("a table", network={"hidden": (9,)}, likelihood={"sigma": "optimal"})
    assert design.network["name"] == "mlp"
    assert list(design.network["hidden"]) == [9]
    assert (design.likelihood["name"], design.likelihood["sigma"]) == ("gaussian", "optimal")


def test_what_was_asked_is_said_to_be_asked():
    _, reasons = chosen("a table", latent_dim=4, network="linear", likelihood="gaussian")
    assert sum("as asked" in reason for reason in reasons) == 3


@pytest.mark.parametrize(("value", "gain"), [(1.0, "0.125"), (0.5, "0.5"), (0.49, None)])
@pytest.mark.parametrize("name", ["digits like MNIST", "photographs in [0, 1]"])
def test_a_fixed_sigma_wider_than_any_pixel_is_told_with_what_mends_it(name, value, gain):
    wish = {"name": "gaussian", "sigma": "fixed", "value": value}
    told = chosen(name, likelihood=wish)[1][0]
    assert ("latents unused" in told and "--likelihood.sigma optimal" in told) is bool(gain)
    assert gain is None or f"a sigma of {value:g} coding one gains at most {gain} nats" in told


def test_the_gain_of_coding_a_pixel_is_at_most_half_its_variance_over_that_of_the_noise():
    x, sigma = RNG.integers(0, 2, 4000).astype(float), 1.0
    blind = -(((x - x.mean()) / sigma) ** 2).mean() / 2  # and told exactly, it is 0
    assert 0.12 < -blind <= 0.125


@pytest.mark.parametrize(
    ("name", "wishes"),
    [
        ("digits like MNIST", {"likelihood": {"name": "gaussian"}}),
        ("a table", {"likelihood": {"sigma": "fixed", "value": 1.0}}),  # in its own units
        (
            "digits like MNIST",  # no KL
            {
                "likelihood": {"name": "gaussian", "sigma": "fixed"},
                **{"posterior": "dirac", "prior": "flat"},
            },
        ),
    ],
    ids=["optimal", "a table", "an autoencoder"],
)
def test_nothing_is_told_where_no_latent_is_buried(name, wishes):
    assert "latents unused" not in " ".join(chosen(name, **wishes)[1])


@pytest.mark.parametrize(
    ("posterior", "prior", "partner"),
    [
        ("bernoulli", "standard-normal", "--prior autoregressive-bernoulli or bernoulli"),
        ("gaussian", "bernoulli", "standard-normal"),
        ("categorical", "bernoulli", "--prior autoregressive or categorical"),
    ],
)
def test_latents_of_another_kind_than_the_prior_s_are_refused(posterior, prior, partner, says):
    with pytest.raises(UsageError) as caught:
        chosen("black and white", posterior=posterior, prior=prior)
    says(caught.value, "latents of a posterior", "--posterior, --prior", partner)


def test_points_go_with_any_prior_of_numbers_and_densities_with_proper_ones():
    """Whether a prior may learn beside points is for the objective to say."""
    for prior in ("flat", "standard-normal", "mixture", "flow"):
        assert chosen("a table", posterior="dirac", prior=prior)[0].prior["name"] == prior
    with pytest.raises(UsageError, match="no finite divergence"):
        chosen("a table", posterior="gaussian", prior="flat")
