"""The prior of latents that are 0 or 1."""

import torch

from latentia.prior.bernoulli import Bernoulli


def test_untrained_every_code_is_as_likely():
    p = Bernoulli(3)()
    torch.testing.assert_close(p.log_prob(torch.tensor([1.0, 0, 1])).exp(), torch.tensor(1 / 8))
    torch.manual_seed(0)
    assert abs(p.sample((10_000,)).mean().item() - 0.5) < 0.02


def test_certain_latents_keep_a_finite_log_probability():
    prior = Bernoulli(2)
    with torch.no_grad():
        prior.logits.copy_(torch.tensor([1e4, -1e4]))
    assert prior().log_prob(torch.tensor([0.0, 1.0])).isfinite()
