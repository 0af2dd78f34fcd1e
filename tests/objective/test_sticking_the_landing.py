"""Sticking the landing's number; its gradient is in test_gradients.py."""

import torch

from latentia.objective.sticking_the_landing import StickingTheLanding


def test_its_number_is_the_sampled_elbo(toy):
    model, x = toy.rows(20)
    objective = StickingTheLanding(samples=7)
    terms = objective.terms(model, x)
    torch.testing.assert_close(objective(terms), terms.log_w.mean(0))
