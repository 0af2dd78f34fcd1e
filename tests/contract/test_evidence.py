"""The contract of the evidence room: log p(x), within the error that is stated, or a refusal."""

import itertools
import math

import numpy as np
import pytest
import torch
from scipy import special, stats
from torch import nn

from latentia import room
from latentia.errors import UsageError
from latentia.evaluation.likelihood import log_likelihood
from latentia.view import Examples, View

# Enough for models as small as these; a member without an entry is tested as it comes.
QUICK = {
    "annealed": {"temperatures": 40, "leaps": 3, "chains": 40},
    "defensive": {"samples": 4000},
    "importance": {"samples": 4000},
    "naive": {"samples": 8000},
}
BAD = {"int": (0, -3), "float": (0.0, -1.0, float("nan"), float("inf"))}


def make(member):
    return room.build("evidence", QUICK.get(member["name"], {}) | member)


def refuses(estimator, model):
    try:
        estimator.require(model)
    except UsageError as error:
        assert "where:" in str(error) and "mend:" in str(error)
        return True
    return False


def estimate(estimator, model, x, seed=0):
    torch.manual_seed(seed)
    return estimator(model, x)


def close(found, exact, slack=0.01):
    """Say whether each estimate is within five of its errors, and the errors say something."""
    gap = (found.log_likelihood - exact).abs()
    assert (found.error >= 0).all() and (found.error < 0.3).all()
    assert (gap < 5 * found.error + slack).all(), (gap, found.error)
    return True


@pytest.fixture
def known(member, linear_gaussian_of, model_of):
    if member["name"] == "enumeration":
        return counted(model_of)
    return spoilt(linear_gaussian_of, 2)


class Mixture:
    """A mixture of Gaussians with one covariance, with scipy's names."""

    def __init__(self, means, cov, shares):
        self.mean, self.cov, self.shares = means, cov, shares

    def logpdf(self, x):
        each = [stats.multivariate_normal(mean, self.cov).logpdf(x) for mean in self.mean]
        each = np.array(each).reshape(len(self.mean), -1)
        return special.logsumexp(each, 0, b=self.shares[:, None])

    def of(self, cells):
        return Mixture(self.mean[:, cells], self.cov[cells][:, cells], self.shares)


class Normal(Mixture):
    """A Gaussian as a mixture of one."""

    def __init__(self, mean, cov):
        super().__init__(mean[None], cov, np.ones(1))


def counted(model_of):
    """Return a model of two latents that are 0 or 1, examples, and their log p(x) by scipy."""
    fixed = {"name": "gaussian", "sigma": "fixed", "value": 0.8}
    rooms = {"posterior": "bernoulli", "prior": "bernoulli", "likelihood": fixed}
    model = model_of(4, 2, spread=0.7, **rooms)
    model.likelihood.log_sigma.fill_(math.log(0.8))
    z = torch.tensor(list(itertools.product([0.0, 1.0], repeat=2))).double()
    with torch.no_grad():
        means, shares = model.likelihood(z).mean.numpy(), model.prior().log_prob(z).exp().numpy()
        torch.manual_seed(0)
        x = model.likelihood(model.prior().sample((6,))).sample()
    return model, x, Mixture(means, 0.64 * np.eye(4), shares)


def spoilt(linear_gaussian_of, latent_dim):
    """Return a linear-Gaussian model with a spoilt q, examples, and their log p(x) by scipy."""
    torch.manual_seed(0)
    weight = torch.randn(4, latent_dim).double()
    bias = torch.randn(4).double()
    model = linear_gaussian_of(weight, bias, 0.8)
    with torch.no_grad():
        model.posterior.head.bias += 0.1
    covariance = (weight @ weight.T + 0.64 * torch.eye(4)).numpy()
    x = stats.multivariate_normal(bias.numpy(), covariance).rvs(6, random_state=0)
    return model, torch.as_tensor(x), Normal(bias.numpy(), covariance)


@pytest.fixture(scope="module", params=["standard-normal", "mixture"])
def curved(request, model_of):
    """Return a Bernoulli model with a crooked decoder, all its images and their log p(x)."""
    model = model_of(
        *(4, 2),
        network={"name": "mlp", "hidden": (8,)},
        prior={"name": "mixture", "components": 2}
        if request.param == "mixture"
        else request.param,
        spread=0.7,
    )
    with torch.no_grad():  # a q that covers every posterior, since none was trained
        model.posterior.head.weight.zero_()
        model.posterior.head.bias.copy_(torch.tensor([0.0, 0.0, 0.5, 0.5]))
    x = torch.tensor(list(itertools.product([0.0, 1.0], repeat=4))).double()
    return model, x, by_trapezoid(model, x)


def by_trapezoid(model, x, points=201, reach=12.0):
    side = torch.linspace(-reach, reach, points, dtype=torch.float64)
    z = torch.cartesian_prod(side, side)
    with torch.no_grad():
        joint = model.log_likelihood(x, z[:, None]) + model.prior().log_prob(z)[:, None]
    return joint.logsumexp(0) + 2 * torch.log(side[1] - side[0])


@pytest.mark.parametrize("latent_dim", [1, 2])
def test_it_finds_the_log_density_of_a_linear_gaussian_model(
    member, linear_gaussian_of, latent_dim
):
    model, x, exact = spoilt(linear_gaussian_of, latent_dim)
    if member["name"] == "enumeration":
        assert refuses(make(member), model)
        return
    found = estimate(make(member), model, x)
    assert found.log_likelihood.dtype == torch.float64
    assert close(found, torch.as_tensor(exact.logpdf(x.numpy())))


def test_it_finds_the_probabilities_of_all_images_which_sum_to_one(member, curved):
    model, x, exact = curved
    assert exact.exp().sum().item() == pytest.approx(1, abs=1e-9)
    estimator = make(member)
    if refuses(estimator, model):
        return
    found = estimate(estimator, model, x)
    assert close(found, exact)
    each = found.log_likelihood.exp()
    error = (each * found.error).square().sum().sqrt().item()
    assert each.sum().item() == pytest.approx(1, abs=5 * error + 0.005)
    assert error < 0.06


def test_missing_cells_are_integrated_out(member, known):
    model, x, exact = known
    x = x[:3].clone()
    x[0, [0, 2]] = torch.nan
    x[1] = torch.nan
    logs = [exact.of([1, 3]).logpdf(x[:1, [1, 3]])[0], 0.0, exact.logpdf(x[2:])[0]]
    with torch.no_grad():  # a q wide enough for what fewer cells leave open
        model.posterior.head.bias[model.prior().event_shape[0] :] = 0.0
    assert close(estimate(make(member), model, x), torch.tensor(logs))


def test_one_example_in_single_precision(member, known):
    model, x, exact = known
    x = x[:1]
    found = estimate(make(member), model.float(), x.float())
    assert found.log_likelihood.dtype == torch.float64 and found.error.shape == (1,)
    assert close(found, torch.as_tensor(exact.logpdf(x.numpy())))


def test_a_seed_repeats_it_and_another_does_not(member, known):
    model, x, _ = known
    estimator = make(member)
    one, same, other = (estimate(estimator, model, x, seed).log_likelihood for seed in (0, 0, 1))
    assert torch.equal(one, same)
    assert torch.equal(one, other) is not estimator.draws


def test_the_shape_of_what_it_says(member, known):
    model, x, _ = known
    estimator = make(member)
    found = estimate(estimator, model, x)
    assert found.log_likelihood.shape == found.error.shape == (6,)
    if found.effective_samples is not None:
        assert (found.effective_samples >= 1).all() and found.effective_samples.shape == (6,)
    if found.ladder is not None:
        assert found.ladder.shape == (len(estimator.rungs), 6)
        assert torch.equal(found.ladder[-1], found.log_likelihood)
    assert not any(part.requires_grad for part in found if part is not None)


def test_a_model_in_training_is_measured_as_it_will_be_used_and_left_as_it_was(member, model_of):
    linear = {"likelihood": {"name": "gaussian", "sigma": "optimal"}}
    if member["name"] == "enumeration":
        linear |= {"posterior": "bernoulli", "prior": "bernoulli"}
    model = model_of(4, 2, spread=0.3, **linear)
    for part in (model.likelihood, model.posterior):  # noise that only training has
        part.register_module("noise", nn.Dropout(0.5))
        part.register_forward_hook(spoil)
    x, estimator = torch.randn(5, 4).double(), make(member)
    before = {name: value.clone() for name, value in model.state_dict().items()}
    evaluated = estimate(estimator, model, x).log_likelihood
    model.train()
    trained = estimate(estimator, model, x).log_likelihood
    assert torch.equal(evaluated, trained)
    assert model.training and model.likelihood.training
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


def spoil(module, arguments, p):
    if module.training:
        p.base_dist.loc = module.noise(p.base_dist.loc)


def test_over_a_set_it_leaves_the_user_s_random_numbers_alone(member, known):
    model, x, exact = known
    torch.manual_seed(3)
    state = torch.get_rng_state()
    found = log_likelihood(model, Doubles(x, View("real")), make(member))
    assert torch.equal(torch.get_rng_state(), state)
    assert found.mean == pytest.approx(exact.logpdf(x.numpy()).mean(), abs=0.1)
    estimator = make(member)
    estimator(model, x)
    assert torch.equal(torch.get_rng_state(), state) is not estimator.draws


class Doubles(Examples):
    """Examples of a model in float64."""

    def read(self, rows):
        return super().read(rows).double()


@pytest.mark.parametrize(
    ("posterior", "prior"), [("dirac", "flat"), ("gaussian", "flat"), ("dirac", "standard-normal")]
)
def test_what_has_no_log_density_is_refused(member, model_of, posterior, prior):
    model = model_of(4, 2, posterior=posterior, prior=prior, likelihood="gaussian")
    estimator = make(member)
    with pytest.raises(UsageError, match="no log p"):
        estimator.require(model)
    with pytest.raises(UsageError, match="no log p"):
        estimator(model, torch.zeros(2, 4).double())


def test_options_that_cannot_be_are_refused(member):
    for option in room.member("evidence", member["name"]).options:
        kind = option.annotation.split("[")[0]
        for value in BAD.get(kind, ("nonsense",)):
            for made in (
                lambda given: room.build("evidence", member | given),
                lambda given: room.load("evidence", member["name"])(**given),
            ):
                with pytest.raises(UsageError, match=option.name) as caught:
                    made({option.name: value})
                assert "where:" in str(caught.value)


@pytest.mark.parametrize(
    ("posterior", "prior"), [("bernoulli", "bernoulli"), ("von-mises-fisher", "hyperspherical")]
)
def test_codes_and_directions_are_estimated_or_refused_and_never_taken_for_numbers(
    member, model_of, posterior, prior
):
    model = model_of(4, 3, posterior=posterior, prior=prior, spread=0.3)
    x = torch.tensor([[1.0, 0, 1, 1], [0, 0, 1, 0]]).double()
    estimator = make(member)
    if refuses(estimator, model):
        with pytest.raises(UsageError, match=r"latents"):
            estimator(model, x)
        return
    torch.manual_seed(1)
    exact = model.log_likelihood(x, model.prior().sample((200_000,))[:, None].expand(-1, 2, -1))
    mean = exact.exp().mean(0)
    error = exact.exp().std(0) / 200_000**0.5 / mean
    found = estimate(estimator, model, x)
    assert ((found.log_likelihood - mean.log()).abs() <= 5 * (found.error + error) + 1e-3).all()
