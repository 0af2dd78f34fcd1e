"""The adversarial autoencoder: with the critic that theory knows, against quadrature."""

import numpy as np
import pytest
import torch
from scipy import integrate, stats
from tests.objective.conftest import Free
from torch import nn

import latentia as lt
from latentia import room
from latentia.errors import UsageError
from latentia.model import LatentVariableModel
from latentia.objective.prior_critic import AAE

LOC, SCALE = 0.7, 0.6


class Exact:
    """The critic that knows: log N(z; 0.7, 0.6^2) - log N(z; 0, 1)."""

    def opinion(self, z):
        q = torch.distributions.Normal(LOC, SCALE)
        return (q.log_prob(z) - torch.distributions.Normal(0.0, 1.0).log_prob(z))[..., 0]


def by_quadrature():
    """Return E_q[-log D] with D = p / (p + q), and its slope in loc and log scale, D held."""
    q, p = stats.norm(LOC, SCALE), stats.norm()

    def expected(function):
        return integrate.quad(lambda z: q.pdf(z) * function(z), LOC - 6, LOC + 6)[0]

    def slope(z):  # of log(1 + q / p): the share of q times the slope of log q - log p
        return q.pdf(z) / (p.pdf(z) + q.pdf(z)) * (z - (z - LOC) / SCALE**2)

    value = expected(lambda z: -np.log(p.pdf(z) / (p.pdf(z) + q.pdf(z))))
    return [value, expected(slope), expected(lambda z: slope(z) * (z - LOC))]


def test_with_the_optimal_critic_encoders_are_paid_log_p_of_p_and_q(model_of):
    n = 40_000
    usual = model_of(3, 1)
    posterior = Free(LOC, float(np.log(SCALE)), n)
    posterior.standardize = nn.Module()
    model = LatentVariableModel(posterior, usual.prior, usual.likelihood)
    objective = AAE()
    objective._critic = Exact()
    torch.manual_seed(0)
    penalty = objective.terms(model, torch.ones(n, 3).double()).penalty
    slopes = torch.autograd.grad(penalty.sum(), list(posterior.parameters()))
    for found, known in zip((penalty, *slopes), by_quadrature(), strict=True):
        error = float(found.detach().std() / n**0.5)
        assert abs(float(found.detach().mean()) - known) < 4 * error
        assert abs(known) > 10 * error  # else zero would do


def begun(model_of, x, *, latents=2, **parts):
    model, objective = model_of(6, latents, spread=0.5, **parts), AAE(weight=3.0)
    objective.require(model)
    objective.begin(model, x)
    for parameter in objective.critic.parameters():
        nn.init.normal_(parameter, std=0.1)
    return model, objective


@pytest.fixture
def x():
    torch.manual_seed(0)
    return torch.rand(16, 6).round().double()


@pytest.mark.parametrize("prior", ["standard-normal", "mixture"])
@pytest.mark.parametrize("posterior", ["dirac", "gaussian"])
def test_it_pays_for_reconstruction_and_for_being_taken_for_a_draw(posterior, prior, model_of, x):
    model, objective = begun(model_of, x, posterior=posterior, prior=prior)
    torch.manual_seed(1)
    terms = objective.terms(model, x)
    torch.manual_seed(1)
    plain = model(x)
    assert torch.equal(terms.elbo, plain.elbo)
    odds = objective.critic(terms.z[0])
    torch.testing.assert_close(terms.penalty, -(1 - odds.sigmoid()).log())
    torch.testing.assert_close(objective(terms), plain.reconstruction - 3 * terms.penalty)


@pytest.mark.parametrize("posterior", ["dirac", "gaussian"])
def test_a_prior_that_learns_climbs_its_density_at_codes_and_no_code_climbs_it(
    posterior, model_of, x
):
    model, objective = begun(model_of, x, posterior=posterior, prior="mixture")
    torch.manual_seed(1)
    terms = objective.terms(model, x)
    objective(terms).mean().backward()
    own = [*model.prior.parameters()]
    expected = torch.autograd.grad(model.prior().log_prob(terms.z.detach()).mean(), own)
    for parameter, slope in zip(own, expected, strict=True):
        torch.testing.assert_close(parameter.grad, slope)
    # The encoder's is that of the two terms that it is paid for, and nothing more.
    torch.manual_seed(1)
    again = objective.terms(model, x)
    paid = (again.reconstruction - 3 * again.penalty).mean()
    encoder = [*model.posterior.parameters()]
    for parameter, slope in zip(encoder, torch.autograd.grad(paid, encoder), strict=True):
        torch.testing.assert_close(parameter.grad, slope)
    assert all(each.grad is None for each in objective.critic.parameters())


def test_the_critic_is_shown_codes_and_as_many_draws_of_the_prior_without_a_gradient(model_of, x):
    model, objective = begun(model_of, x, prior="mixture")
    terms = objective.terms(model, x)
    torch.manual_seed(3)
    codes, others = objective.sides(model, terms)
    torch.manual_seed(3)
    assert torch.equal(others, model.draw_prior(16)) and torch.equal(codes, terms.z[0])
    assert not codes.requires_grad and not others.requires_grad


def test_points_go_with_a_prior_that_learns_here_and_nowhere_else(model_of):
    model = model_of(6, 2, posterior="dirac", prior="mixture")
    AAE().require(model)
    for name in set(room.names("objective")) - {"prior-critic"}:
        with pytest.raises(UsageError):
            room.build("objective", name).require(model)


def test_a_prior_without_draws_is_refused(model_of, says):
    with pytest.raises(UsageError) as caught:
        AAE().require(model_of(4, 2, posterior="dirac", prior="flat"))
    says(caught.value, "this prior has none", "--prior standard-normal")


def test_directions_are_led_too(model_of, x):
    parts = {"posterior": "von-mises-fisher", "prior": "hyperspherical"}
    model, objective = begun(model_of, x, latents=3, **parts)
    objective(objective.terms(model, x)).mean().backward()
    assert all(each.grad.isfinite().all() for each in model.posterior.parameters())


def test_under_conditions_the_critic_sees_them_beside_the_codes():
    X, y = lt.data.load("digits", return_X_y=True)
    vae = lt.ConditionalVAE(
        n_components=2, objective="prior-critic", max_epochs=1, random_state=0
    ).fit(X[:300], y[:300])
    model, c = vae._model(), torch.eye(10)[:4]
    objective, x = AAE(), torch.rand(4, *vae.config_.model.x_shape).round()
    with model.given(c):
        objective.begin(model, x)
        assert objective.critic.size == 2 + 10
        for side in objective.sides(model, objective.terms(model, x)):
            assert torch.equal(side[:, 2:], c)
    with model.given(c[:1]):  # the same of all of them
        codes, _ = objective.sides(model, objective.terms(model, x))
        assert torch.equal(codes[:, 2:], c[:1].expand(4, 10))


def test_a_negative_price_is_refused():
    with pytest.raises(UsageError, match="weight"):
        AAE(weight=-1.0)
