"""The ELBO: the bound itself, beta, warm-up and free bits."""

import pytest
import torch
from tests.known import build
from tests.ladders import SMALL, built

from latentia import room
from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.elbo import ELBO, balance_of


def make_terms(closed_form=True):
    torch.manual_seed(0)
    px, pz, qz = torch.randn(3, 4, 6)
    per_dim = torch.rand(6, 3)
    if not closed_form:
        return Terms(px, pz, qz, None, None)
    return Terms(px, pz, qz, per_dim.sum(-1), per_dim)


@pytest.mark.parametrize("closed_form", [True, False])
def test_by_default_it_is_the_bound_that_is_reported(closed_form):
    terms = make_terms(closed_form)
    assert torch.equal(ELBO()(terms), terms.elbo)
    cost = terms.kl if closed_form else (terms.log_qz_x - terms.log_pz).mean(0)
    torch.testing.assert_close(terms.elbo, terms.log_px_z.mean(0) - cost)


def test_beta_weighs_the_kl_alone():
    terms = make_terms()
    torch.testing.assert_close(
        ELBO(beta=4.0)(terms), terms.reconstruction - 4 * terms.regularization
    )
    torch.testing.assert_close(ELBO(beta=0.0)(terms), terms.reconstruction)


def test_warm_up_raises_beta_linearly_and_is_over_at_infinity():
    objective = ELBO(beta=2.0, warmup=10)
    weights = [objective.weight(epoch) for epoch in (0, 2.5, 10, 11, float("inf"))]
    assert weights == [0, 0.5, 2, 2, 2]
    terms = make_terms()
    torch.testing.assert_close(objective(terms, 0), terms.reconstruction)
    torch.testing.assert_close(
        objective(terms, 2.5), terms.reconstruction - 0.5 * terms.regularization
    )
    assert ELBO().weight(0) == 1


def test_free_bits_are_a_floor_for_the_batch_mean_of_each_latent():
    per_dim = torch.tensor([[0.1, 1.0], [0.7, 0.4]], requires_grad=True)
    zero = torch.zeros(1, 2)
    terms = Terms(zero, zero, zero, per_dim.sum(-1), per_dim)
    value = ELBO(free_bits=0.5)(terms)
    torch.testing.assert_close(value, -torch.tensor([1.5, 0.9]))
    value.sum().backward()
    assert per_dim.grad.tolist() == [[0, -1], [0, -1]]


def test_free_bits_need_a_kl_for_each_latent():
    with pytest.raises(UsageError, match="factorize"):
        ELBO(free_bits=0.5)(make_terms(closed_form=False))


@pytest.mark.parametrize(
    "options", [{"beta": -1}, {"warmup": -1}, {"free_bits": -1}, {"samples": 0}]
)
def test_options_that_cannot_be_are_refused(options):
    with pytest.raises(UsageError, match="ELBO"):
        ELBO(**options)


class TestBalance:
    """The groups of a ladder, of 2 latents, 8 and 8, through the warm-up and after it."""

    @pytest.fixture
    def ladder(self):
        return built({**SMALL, "patch": 4}, amount=0.2)

    @pytest.fixture
    def terms(self, ladder):
        torch.manual_seed(0)
        return ELBO(warmup=10, balance=True).terms(*ladder)

    def weights(self, terms):
        """Return gamma of each group, written out."""
        per_dim = terms.kl_per_dim.detach().double()
        sizes, groups = (2, 8, 8), per_dim.split((2, 8, 8), 1)
        share = [(g.sum(1).mean() + 0.01) / n for g, n in zip(groups, sizes, strict=True)]
        return [3 * one / sum(share) for one in share], groups

    def test_through_the_warm_up_each_group_costs_its_weight(self, terms):
        gamma, groups = self.weights(terms)
        assert sum(gamma).item() == pytest.approx(3)
        assert max(gamma) > 1.2 and min(gamma) < 0.8  # or this test would test nothing
        cost = sum(one * g.sum(1) for one, g in zip(gamma, groups, strict=True))
        found = ELBO(warmup=10, balance=True)(terms, 2.5)
        expected = terms.reconstruction.double() - 0.25 * cost
        torch.testing.assert_close(found.double(), expected, rtol=1e-5, atol=1e-5)

    def test_after_it_they_are_1_and_it_is_the_elbo_that_is_reported(self, terms):
        objective = ELBO(warmup=10, balance=True)
        assert objective.is_elbo and objective.settles == 10
        for epoch in (10.0, 11, float("inf"), torch.tensor(10.0)):
            assert torch.equal(objective(terms, epoch), terms.elbo)
        torch.testing.assert_close(objective(terms, torch.tensor(2.5)), objective(terms, 2.5))

    def test_the_reported_elbo_is_never_balanced(self, ladder, terms):
        torch.manual_seed(0)
        plain = ELBO().terms(*ladder)
        assert torch.equal(plain.elbo, terms.elbo) and torch.equal(plain.log_w, terms.log_w)

    def test_the_weights_have_no_gradient(self, ladder, terms):
        gamma, _ = self.weights(terms)
        each = torch.cat([g.expand(n) for g, n in zip(gamma, (2, 8, 8), strict=True)]).float()
        parameters = list(ladder[0].posterior.heads.parameters())
        objective = ELBO(warmup=10, balance=True)
        cost = terms.reconstruction - 0.5 * (terms.kl_per_dim * each).sum(1)
        one, other = (
            torch.autograd.grad(nats.sum(), parameters, retain_graph=True)
            for nats in (objective(terms, 5.0), cost)
        )
        for a, b in zip(one, other, strict=True):
            torch.testing.assert_close(a, b, rtol=1e-4, atol=1e-5)

    def test_untrained_every_group_has_a_finite_weight(self):
        model, x = built(SMALL, amount=0.0)  # where q is p, and no KL is any
        terms = ELBO(warmup=10, balance=True).terms(model, x)
        assert terms.kl.abs().max() == 0 and terms.penalty.abs().max() == 0
        weight = balance_of(terms.kl_per_dim, model.posterior.plan)
        assert weight.isfinite().all() and (weight > 0).all()

    def test_it_trains_and_a_resumed_step_is_balanced_too(self, ladder):
        model, x = ladder
        objective = room.build("objective", {"name": "elbo", "warmup": 4.0, "balance": True})
        objective.require(model)
        objective(objective.terms(model, x), 1.0).mean().backward()
        for name, parameter in model.named_parameters():
            assert parameter.grad is not None and parameter.grad.isfinite().all(), name

    def test_what_cannot_be_is_refused(self, says):
        with pytest.raises(UsageError, match="through the warm-up"):
            ELBO(balance=True)
        with pytest.raises(UsageError, match="without free bits"):
            ELBO(balance=True, warmup=3, free_bits=0.1)
        model = build()
        with pytest.raises(UsageError) as caught:
            ELBO(balance=True, warmup=3).require(model)
        says(caught.value, "no groups", "balance", "--network ladder")
