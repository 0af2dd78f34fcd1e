"""The ELBO: the bound itself, beta, warm-up and free bits."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.elbo import ELBO


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
