"""The rooms together: every combination works, or is refused when it is put together.

Every posterior under every prior is held against log p(x) by a sum over all latents; every such
pair meets every likelihood and every objective, and every likelihood every objective.
"""

from functools import cache
from itertools import count
from typing import get_args

import numpy as np
import pytest
import torch
from tests.contract.conftest import variants
from zuko.flows import NSF

from latentia import room
from latentia.data import Data
from latentia.design import Wishes, assemble, decide, start_at_data
from latentia.errors import UsageError
from latentia.evidence.enumeration import codes
from latentia.likelihood.base import Support
from latentia.posterior.base import Refined
from latentia.view import Examples

pytestmark = pytest.mark.usefixtures("few_steps")

LATENTS = 2
RNG = np.random.default_rng(0)
SPREAD = {"name": "mlp", "hidden": (6,), "activation": "tanh"}


def numbers(*shape):
    return RNG.normal(1.0, 2.0, shape)


# Data of each kind, in the order in which a likelihood of several is given one.
OF = {
    "binary": RNG.integers(0, 2, (24, 4)),
    "real": numbers(24, 4),
    "levels": RNG.integers(0, 256, (24, 2, 2), dtype=np.uint8),
    "unit": np.round(RNG.random((24, 4)), 3),
    "positive": np.exp(numbers(24, 4) / 3),
    "open-unit": RNG.beta(2.0, 2.0, (24, 4)),
    "counts": RNG.poisson(3.0, (24, 4)),
    "classes": RNG.integers(0, 4, (24, 4)),
}


# Pictures large enough for a window, in colours that can be coupled.
COLOURS = RNG.integers(0, 256, (24, 11, 11, 3), dtype=np.uint8)


def arrays_of(likelihood):
    """Return arrays of kinds of data that a likelihood may be of, the smallest first."""
    described = room.load("likelihood", likelihood).describes
    return [*(x for support, x in OF.items() if support in described), COLOURS]


@cache
def data_of(likelihood):
    """Return the first data that a likelihood takes."""
    for x in arrays_of(likelihood):
        data = Data.from_array(x)
        wishes = Wishes(LATENTS, SPREAD, likelihood=likelihood, binarize="none")
        try:
            assemble(decide(data.schema, wishes)[0])
        except UsageError:
            continue
        return data
    raise AssertionError(f"no data for {likelihood}")


def small(spec):
    """Return a member's written form with few parts."""
    few = {"vamp": {"components": 5}, "mixture": {"components": 2}, "exemplar": {"components": 5}}
    few |= {"flow": {"layers": 2, "hidden": (8,)}}
    return spec | few.get(spec["name"], {})


def designed(posterior, prior, likelihood):
    wishes = Wishes(
        latent_dim=LATENTS,
        network=SPREAD,
        posterior=small(posterior),
        prior=small(prior),
        likelihood=likelihood,
        binarize="none",
    )
    return decide(data_of(likelihood["name"]).schema, wishes)[0]


def built(posterior, prior, likelihood, *, seed=0):
    """Return a model, its parameters moved from where they start, and what it is a model of."""
    design = designed(posterior, prior, likelihood)
    model = assemble(design, seed=seed)
    data = data_of(likelihood["name"])
    examples = Examples(torch.as_tensor(data.model_array()), design.view)
    start_at_data(model, examples)
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.1 * torch.randn_like(parameter)
    return model, examples.read(torch.arange(len(examples)))


def works(posterior, prior):
    """Whether the pair can be put together; what cannot must say where and how to mend it."""
    try:
        model, x = built(posterior, prior, {"name": "bernoulli"})
        with torch.no_grad():
            model(x[:2])
    except UsageError as error:
        assert "where:" in str(error) and "mend:" in str(error)
        return False
    return True


POSTERIORS, PRIORS = variants("posterior"), variants("prior")
LIKELIHOODS, OBJECTIVES = variants("likelihood"), variants("objective")
PAIRS = [(q, p) for q in POSTERIORS for p in PRIORS]


def name(part):
    return "-".join(map(str, part.values())) if isinstance(part, dict) else str(part)


@cache
def good_pairs():
    return [pair for pair in PAIRS if works(*pair)]


def test_every_kind_of_data_is_here():
    assert set(OF) == set(get_args(Support))


def test_what_is_refused_is_what_should_be():
    """Other kinds of latents; a density under a flat prior."""
    for q, p in PAIRS:
        posterior, prior = room.load("posterior", q["name"]), room.load("prior", p["name"])
        fits = posterior.space == prior.space
        fits &= prior.is_proper or not posterior.has_density
        # A VampPrior is a mixture of the posteriors themselves, which must be diagonal Gaussians.
        fits &= p["name"] != "vamp" or q["name"] == "gaussian"
        # An exemplar prior is one around their means, which are the encoder's own of a Gaussian.
        fits &= p["name"] != "exemplar" or q["name"] in ("gaussian", "full", "low-rank", "dirac")
        # Nor is there a p(z|c) without a c: `test_conditions.py` walks models of p(x|c).
        fits &= p["name"] != "conditional"
        assert ((q, p) in good_pairs()) is fits, (q, p)


def volume(model):
    """Return z in rows and the logarithm of what each stands for, over all that z can be."""
    prior = model.prior()
    space = model.prior.space
    if space in ("binary", "one-hot"):
        z = codes(prior)
        return z, torch.zeros(len(z)).double()
    if space == "sphere":
        angle = torch.arange(4000).double() * (2 * torch.pi / 4000)
        z = torch.stack([angle.cos(), angle.sin()], -1)
        return z, torch.full((len(z),), 2 * torch.pi / 4000).double().log()
    # Splines have narrow peaks; of all others 500 steps on a side change log p(x) by 1e-10.
    steps = 500 if isinstance(getattr(model.prior, "flow", None), NSF) else 250
    u = torch.linspace(-5.5, 5.5, steps + 1, dtype=torch.float64)
    side, stretch = u.sinh(), u.cosh() * (11 / steps)
    return torch.cartesian_prod(side, side), torch.outer(stretch, stretch).flatten().log()


@pytest.mark.parametrize(("q", "p"), PAIRS, ids=name)
def test_elbo_is_below_iwae_which_is_below_log_p(q, p):
    if (q, p) not in good_pairs():
        return
    model, x = built(q, p, {"name": "bernoulli"})
    if not model.bounds_evidence:
        return
    model, x = model.double().eval(), x[:2].double()
    z, weight = volume(model)
    with torch.no_grad():
        joint = model.log_likelihood(x, z[:, None]) + model.prior().log_prob(z)[:, None]
        evidence = (joint + weight[:, None]).logsumexp(0)
        torch.manual_seed(0)
        terms = model(x, samples=20_000)
    elbo = terms.reconstruction - (terms.log_qz_x - terms.log_pz).mean(0)
    error = terms.log_w.std(0) / 20_000**0.5
    iwae = terms.log_w.reshape(8, -1, len(x)).logsumexp(0) - np.log(8)
    tight, its_error = iwae.mean(0), iwae.std(0) / len(iwae) ** 0.5
    assert (elbo <= tight + 4 * (error + its_error)).all()
    assert (tight <= evidence + 4 * its_error + 1e-3).all()
    if not model.posterior.covers:  # then every weight is the ELBO, and there is no more to say
        torch.testing.assert_close(tight, elbo)
        torch.testing.assert_close(terms.elbo, elbo)
        return
    # And with all of them at once it is log p(x), so that densities and draws are of one kind.
    close = terms.log_w.logsumexp(0) - np.log(20_000)
    weights = (terms.log_w - terms.log_w.amax(0)).exp()
    spread = weights.std(0) / weights.mean(0) / 20_000**0.5
    assert ((close - evidence).abs() <= 5 * spread + 2e-3).all()
    assert (spread < 0.1).all()
    if terms.kl is not None:
        sampled = terms.log_qz_x - terms.log_pz
        apart = (terms.kl - sampled.mean(0)).abs()
        assert (apart <= 5 * sampled.std(0) / 20_000**0.5 + 1e-6).all()


def begun(objective, model, x):
    """Make what learns beside a model, moved from where it starts."""
    objective.begin(model, x)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in objective.critic.parameters() if objective.contested else ():
            parameter += 0.1 * torch.randn_like(parameter)


def differentiates(q, p, likelihood, objective):
    """Say whether an objective gives every parameter a finite gradient."""
    model, x = built(q, p, likelihood)
    made = room.build("objective", objective)
    made.require(model)
    begun(made, model, x)
    torch.manual_seed(0)
    nats = made(made.terms(model, x), 1.0)
    assert nats.shape == (len(x),) and nats.isfinite().all()
    nats.mean().backward()
    for key, parameter in model.named_parameters():
        assert parameter.grad is not None and parameter.grad.isfinite().all(), key
    return True


def allowed(q, p, objective, likelihood=None):
    """Whether an objective can be had of a pair: its gradient needs a density, say."""
    posterior, prior = room.load("posterior", q["name"]), room.load("prior", p["name"])
    wanted = room.load("objective", objective["name"])
    if room.build("objective", objective).samples > 1 and not posterior.covers:
        return False  # all of its draws are one
    if posterior.commits != wanted.commits:
        return False
    gradient = q.get("gradient", "straight-through")
    if gradient != "straight-through" and not wanted.reparameterizes:
        return False
    solved = likelihood == {"name": "gaussian"}  # whose sigma is
    if gradient == "relaxed" and (solved or not wanted.relaxes):
        return False
    if objective["name"] == "prior-critic":
        return prior.is_proper and posterior.space in ("real", "sphere")
    if not posterior.has_density and prior.is_learned:  # it would shrink onto the points
        return False
    if objective["name"] == "factor-critic":
        return posterior.has_density and posterior.space == "real"
    if objective["name"] == "mmd":
        return prior.is_proper and not prior.is_learned
    if objective["name"] == "total-correlation":
        return q["name"] in ("gaussian", "bernoulli")
    if issubclass(posterior, Refined):
        return wanted.reparameterizes and not wanted.path_only and objective["name"] != "piwae"
    return posterior.covers or wanted.reparameterizes


def partners(objective):
    """Return a pair with which an objective can be had: the usual one, if it can."""
    usual = ({"name": "gaussian"}, {"name": "standard-normal"})
    return next(pair for pair in [usual, *good_pairs()] if allowed(*pair, objective))


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=name)
def test_every_pair_meets_every_likelihood_and_every_likelihood_every_objective(likelihood):
    turn = count()
    for q, p in good_pairs():
        objective = OBJECTIVES[next(turn) % len(OBJECTIVES)]
        if allowed(q, p, objective, likelihood):
            assert differentiates(q, p, likelihood, objective), (q, p, likelihood, objective)
    for objective in OBJECTIVES:
        q, p = partners(objective)
        assert differentiates(q, p, likelihood, objective), (likelihood, objective)


@pytest.mark.parametrize("objective", OBJECTIVES, ids=name)
def test_every_pair_meets_every_objective(objective):
    turn = count()
    for q, p in good_pairs():
        likelihood = LIKELIHOODS[next(turn) % len(LIKELIHOODS)]
        if allowed(q, p, objective, likelihood):
            assert differentiates(q, p, likelihood, objective), (q, p, likelihood, objective)
        else:
            with pytest.raises(UsageError):
                differentiates(q, p, likelihood, objective)


@pytest.mark.parametrize(("q", "p"), PAIRS, ids=name)
def test_saved_and_loaded_it_says_the_same(q, p):
    if (q, p) not in good_pairs():
        return
    one, x = built(q, p, {"name": "bernoulli"}, seed=0)
    other, _ = built(q, p, {"name": "bernoulli"}, seed=1)
    other.load_state_dict(one.state_dict())
    found = []
    for model in (one.eval(), other.eval()):
        torch.manual_seed(0)
        with torch.no_grad():
            found.append(model(x, samples=2))
    assert torch.equal(found[0].log_w, found[1].log_w)


@pytest.mark.parametrize("likelihood", LIKELIHOODS, ids=name)
def test_what_is_drawn_is_what_its_likelihood_describes(likelihood):
    model, x = built({"name": "gaussian"}, {"name": "standard-normal"}, likelihood)
    design = designed({"name": "gaussian"}, {"name": "standard-normal"}, likelihood)
    assert design.view.supports & model.likelihood.describes or model.likelihood.cost
    with torch.no_grad():
        drawn = model.likelihood(model.prior().sample((50,))).sample()
        assert model.likelihood(torch.zeros(50, LATENTS)).log_prob(drawn).isfinite().all()
    assert drawn.shape[1:] == x.shape[1:]
