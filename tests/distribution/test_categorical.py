"""A categorical distribution over numbers."""

import torch

from latentia.distribution.categorical import Categorical


def test_its_numbers_are_torchs():
    torch.manual_seed(0)
    logits, x = torch.randn(3, 4, 6), torch.randint(6, (5, 3, 4))
    p, theirs = Categorical(logits), torch.distributions.Categorical(logits=logits)
    torch.testing.assert_close(p.log_prob(x.float()), theirs.log_prob(x))
    assert torch.equal(p.mode, theirs.mode.float())


def test_draws_are_as_frequent_as_they_are_probable():
    torch.manual_seed(0)
    p, n = Categorical(torch.tensor([0.0, 2.0, -30.0, 1.0])), 100_000
    x = p.sample((n,))
    share = torch.bincount(x.long(), minlength=4) / n
    error = (p.logits.exp() * (1 - p.logits.exp()) / n).sqrt()
    assert ((share - p.logits.exp()).abs() <= 5 * error + 1e-9).all()
    torch.testing.assert_close(x.mean(), p.mean, rtol=0.02, atol=0)
    torch.testing.assert_close(x.var(), p.variance, rtol=0.02, atol=0)


def test_what_is_no_code_is_impossible_and_passes_no_gradient():
    logits = torch.zeros(3, requires_grad=True)
    found = Categorical(logits).log_prob(torch.tensor([-1.0, 0.5, 3.0]))
    assert (found == -torch.inf).all()
    found.nan_to_num(neginf=0.0).sum().backward()
    assert (logits.grad == 0).all()


def test_values_and_batches_broadcast():
    p = Categorical(torch.zeros(4, 3))
    assert p.log_prob(torch.zeros(5, 1)).shape == (5, 4)
    assert p.log_prob(torch.tensor(1.0)).shape == (4,)
