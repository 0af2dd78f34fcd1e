"""The importance-weighted bound, whose KL is always sampled."""

from math import log

import pytest
import torch

from latentia.errors import UsageError
from latentia.model import Terms
from latentia.objective.iwae import IWAE


def make_terms(samples):
    torch.manual_seed(0)
    return Terms(*torch.randn(3, samples, 6, dtype=torch.float64), None, None)


def test_of_one_sample_it_is_the_elbo_with_a_sampled_kl():
    terms = make_terms(1)
    torch.testing.assert_close(IWAE(samples=1)(terms), terms.elbo)


def test_it_is_the_log_of_the_mean_weight():
    terms = make_terms(5)
    by_hand = (terms.log_px_z + terms.log_pz - terms.log_qz_x).exp().mean(0).log()
    torch.testing.assert_close(IWAE()(terms), by_hand)


def test_it_never_reads_the_closed_form():
    terms, nan = make_terms(5), torch.full((6,), torch.nan)
    poisoned = terms._replace(kl=nan, kl_per_dim=nan[:, None])
    torch.testing.assert_close(IWAE()(poisoned), IWAE()(terms))


def test_it_is_at_least_the_sampled_elbo_of_the_same_draws():
    terms = make_terms(5)
    assert (IWAE()(terms) >= terms.elbo).all()


def test_weights_too_small_for_any_float_still_have_a_mean():
    terms = make_terms(5)
    far = terms._replace(log_px_z=terms.log_px_z - 1e5)
    torch.testing.assert_close(IWAE()(far), IWAE()(terms) - 1e5)


def test_no_sample_is_refused():
    with pytest.raises(UsageError, match="sample"):
        IWAE(samples=0)


def test_groups_are_bounds_of_their_own_and_their_mean_is_reported():
    """M groups of K: one group is IWAE, groups of one sample are the ELBO; never the reverse."""
    terms = make_terms(6)
    log_w = terms.log_w
    by_hand = torch.stack([log_w[:2].exp().mean(0).log(), log_w[2:4].exp().mean(0).log(),
                           log_w[4:].exp().mean(0).log()]).mean(0)  # fmt: skip
    miwae = IWAE(samples=2, groups=3)
    assert miwae.samples == 6
    torch.testing.assert_close(miwae(terms), by_hand)
    torch.testing.assert_close(IWAE(samples=1, groups=6)(terms), log_w.mean(0))
    torch.testing.assert_close(IWAE(samples=6, groups=1)(terms), log_w.logsumexp(0) - log(6))
    with pytest.raises(UsageError, match="at least 1"):
        IWAE(groups=0)


def test_a_weight_that_adds_nothing_has_no_gradient_and_no_denormal_one():
    log_w = torch.tensor([[0.0, -50.0], [-29.0, -1.0], [-31.0, -2.0], [-95.0, -90.0]])
    log_w.requires_grad_()
    zero = torch.zeros_like(log_w)
    bound = IWAE(samples=4)(Terms(log_w, zero, zero, None, None))
    expected = log_w.detach().double().logsumexp(0) - log(4)
    torch.testing.assert_close(bound.double(), expected, rtol=1e-7, atol=1e-7)
    (gradient,) = torch.autograd.grad(bound.sum(), log_w)
    torch.testing.assert_close(gradient, log_w.detach().softmax(0), rtol=1e-5, atol=1e-13)
    assert (gradient == 0).tolist() == [[False, True], [False, False], [True, False], [True, True]]


@pytest.mark.parametrize("value", [float("nan"), float("-inf")])
def test_what_is_no_number_is_not_hidden(value):
    log_w = torch.full((3, 1), value)
    zero = torch.zeros_like(log_w)
    assert not torch.isfinite(IWAE(samples=3)(Terms(log_w, zero, zero, None, None))).any()
    log_w[0] = float("nan")
    assert torch.isnan(IWAE(samples=3)(Terms(log_w, zero, zero, None, None))).all()
