"""The prior of choices."""

import torch

from latentia.prior.categorical import Categorical


def test_untrained_every_class_of_every_choice_is_as_likely():
    p = Categorical(6, choices=2)()
    z = torch.tensor([0.0, 1, 0, 0, 0, 1])
    torch.testing.assert_close(p.log_prob(z).exp(), torch.tensor(1 / 9))
    assert (p.sample((100,)).unflatten(-1, (2, 3)).sum(-1) == 1).all()
