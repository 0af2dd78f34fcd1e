"""The distributions of a ladder: what a draw is remembered by, and its KL."""

import torch
from tests.ladders import SMALL, TINY, built
from torch.distributions import kl_divergence

from latentia.distribution.divergence import closed_form_kl


def test_of_one_group_the_kl_is_in_closed_form():
    model, x = built({**TINY, "groups": (1,), "width": 3, "patch": 4}, side=4)
    q, p = model.posterior(x), model.prior()
    q.rsample((5,))
    kl = closed_form_kl(q, p).total
    gone = q._last
    normal = torch.distributions.Normal
    above = model.prior.top_down.groups[0].above(model.prior.top_down.start)[0]
    expected = kl_divergence(
        normal(gone.loc[: len(x)], gone.log_scale[: len(x)].exp()),
        normal(above.loc.flatten(1), above.log_scale.flatten(1).exp()),
    ).sum(-1)
    torch.testing.assert_close(kl, expected)


def test_before_a_draw_there_is_no_kl():
    model, x = built()
    found = closed_form_kl(model.posterior(x), model.prior())
    assert found.total is None and found.per_dim is None


def test_what_was_remembered_without_a_gradient_is_gone_again_with_one():
    model, x = built(SMALL)
    q = model.posterior(x)
    with torch.no_grad():
        z = q.rsample()
    assert model.prior().log_prob(z).requires_grad
    assert q.log_prob(z).requires_grad
    assert closed_form_kl(q, model.prior()).total is None
    del q
    assert model.prior.top_down.remembered(z) is None
