"""FactorVAE: with the critic that theory knows, value and gradient are the total correlation's."""

from math import log

import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.elbo import ELBO
from latentia.objective.factor_critic import FactorVAE, factors
from latentia.posterior.base import Posterior


class Correlated(Posterior):
    """q(z|x) = N(0, [[1, rho], [rho, 1]]) for every x, so that it is q(z) too."""

    def __init__(self, rho):
        super().__init__()
        self.rho = nn.Parameter(torch.tensor(rho, dtype=torch.float64))
        self.standardize = nn.Module()

    def forward(self, x, c=None):
        one = torch.ones_like(self.rho)
        rows = [[one, 0 * one], [self.rho, (1 - self.rho**2).sqrt()]]
        tril = torch.stack([torch.stack(row) for row in rows])
        return MultivariateNormal(torch.zeros(len(x), 2).double(), scale_tril=tril)


class Exact:
    """The critic that knows: log N(z; 0, R) - sum_d log N(z_d; 0, 1)."""

    def __init__(self, rho):
        self.rho = rho

    def opinion(self, z):
        a, b = z.unbind(-1)
        rest = 1 - self.rho**2
        square = (a**2 - 2 * self.rho * a * b + b**2) / rest - a**2 - b**2
        return -0.5 * log(rest) - square / 2


@pytest.mark.parametrize("rho", [0.8, -0.5])
def test_with_the_optimal_critic_it_is_the_total_correlation_in_value_and_gradient(rho, model_of):
    """TC = -log(1 - rho^2) / 2; the critic's own dependence on q has expectation zero."""
    usual = model_of(3, 2)
    model = LatentVariableModel(Correlated(rho), usual.prior, usual.likelihood)
    objective, values, slopes = FactorVAE(), [], []
    objective._critic = Exact(rho)
    torch.manual_seed(0)
    for _ in range(60):
        penalty = objective.terms(model, torch.ones(2000, 3).double()).penalty.mean()
        values.append(penalty.detach())
        slopes += torch.autograd.grad(penalty, model.posterior.rho)
    expected = -0.5 * log(1 - rho**2), rho / (1 - rho**2)
    for found, known in zip((values, slopes), expected, strict=True):
        found = torch.stack(found)
        error = float(found.std() / len(found) ** 0.5)
        assert abs(float(found.mean()) - known) < 4 * error
        assert abs(known) > 20 * error  # else zero would do


def begun(model_of, x, **options):
    model, objective = model_of(6, 2, spread=0.5), FactorVAE(**options)
    objective.begin(model, x)
    for parameter in objective.critic.parameters():
        nn.init.normal_(parameter, std=0.1)
    return model, objective


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.rand(16, 6).round().double()


def test_it_charges_gamma_times_the_odds_and_leaves_the_reported_bound_alone(model_of, x):
    model, objective = begun(model_of, x, gamma=4.0)
    torch.manual_seed(1)
    terms = objective.terms(model, x)
    torch.manual_seed(1)
    plain = ELBO().terms(model, x)
    assert torch.equal(terms.elbo, plain.elbo) and torch.equal(terms.log_w, plain.log_w)
    assert torch.equal(terms.penalty, objective.critic(terms.z[0]))
    torch.testing.assert_close(objective(terms), plain.elbo - 4 * terms.penalty)
    torch.testing.assert_close(FactorVAE(gamma=0.0)(terms), plain.elbo)


def test_its_gradient_reaches_the_encoder_and_neither_decoder_nor_critic(model_of, x):
    model, objective = begun(model_of, x)
    objective.terms(model, x).penalty.sum().backward()
    assert all(each.grad.any() for each in model.posterior.parameters())
    others = [*model.likelihood.parameters(), *objective.critic.parameters()]
    assert others and all(each.grad is None for each in others)


def test_the_critic_is_shown_two_halves_that_have_nothing_in_common(model_of, x):
    model, objective = begun(model_of, x)
    terms = objective.terms(model, x[:15])  # an odd one is left out
    codes, others = objective.sides(model, terms)
    z = terms.z[0].detach()
    assert torch.equal(codes, z[:7]) and not codes.requires_grad
    assert torch.equal(others.sort(0).values, z[7:14].sort(0).values)
    assert not torch.equal(others, z[7:14])
    for few in (1, 2, 3):
        assert objective.sides(model, objective.terms(model, x[:few])) is None


def test_no_two_latents_of_an_exchanged_row_come_from_one_example():
    torch.manual_seed(0)
    for n, latents in ((5, 5), (7, 3), (2, 2)):
        rows = factors(torch.arange(n).double()[:, None].expand(n, latents))
        assert all(len(set(row)) == latents for row in rows.tolist())
        assert all(sorted(column) == [*range(n)] for column in rows.mT.tolist())
    many = factors(torch.arange(3.0)[:, None].expand(3, 8))
    assert all(sorted(column) == [0, 1, 2] for column in many.mT.tolist())


def test_exchanged_latents_are_draws_of_the_product_however_few_the_rows():
    """E[z_1 z_2] = 0: of permutations by themselves, a third of three rows would stay together."""
    torch.manual_seed(0)
    tril = torch.tensor([[1.0, 0.0], [0.9, (1 - 0.81) ** 0.5]])
    rows = [factors(torch.randn(3, 2) @ tril.mT) for _ in range(5000)]
    product = torch.stack([(row[:, 0] * row[:, 1]).mean() for row in rows])
    assert abs(product.mean()) < 4 * product.std() / 5000**0.5
    assert product.std() / 5000**0.5 < 0.02


def test_the_exchange_is_a_function_of_the_generator_s_state():
    z, found = torch.randn(30, 4), []
    for seed in (0, 0, 1):
        torch.manual_seed(seed)
        found.append(factors(z))
    assert torch.equal(found[0], found[1]) and not torch.equal(found[0], found[2])


@pytest.mark.parametrize(
    ("latents", "parts", "why"),
    [
        (2, {"posterior": "dirac"}, "logarithm of how many"),
        (3, {"posterior": "von-mises-fisher", "prior": "hyperspherical"}, "of a sphere"),
        (1, {}, "no other that it could depend on"),
    ],
)
def test_latents_of_which_there_is_no_total_correlation_are_refused(
    latents, parts, why, model_of, says
):
    model, objective = model_of(4, latents, **parts), FactorVAE()
    with pytest.raises(UsageError) as caught:
        objective.require(model)
        objective.begin(model, torch.ones(2, 4).double())
    says(caught.value, why, "--objective", "Use ")


def test_a_negative_price_is_refused():
    with pytest.raises(UsageError, match="gamma"):
        FactorVAE(gamma=-1.0)
