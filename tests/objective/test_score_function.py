"""The score function's number and baseline; its gradient is in test_gradients.py."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.objective.score_function import ScoreFunction


def test_its_number_is_the_sampled_elbo_and_no_gradient_runs_through_z(toy):
    model, x = toy.rows(20)
    objective = ScoreFunction(samples=7)
    terms = objective.terms(model, x)
    torch.testing.assert_close(objective(terms), terms.log_w.mean(0))
    assert not terms.z.requires_grad


def test_the_baseline_of_a_sample_is_made_of_the_others(toy):
    model, x = toy.rows(5)
    objective = ScoreFunction(samples=3)
    terms = objective.terms(model, x)
    slope = torch.autograd.grad(objective(terms).sum(), terms.log_qz_x)[0]
    others = torch.stack([(terms.log_w.sum(0) - log_w) / 2 for log_w in terms.log_w])
    torch.testing.assert_close(slope, (terms.log_w - others).detach() / 3)


@pytest.mark.parametrize(
    "bad", [{"samples": 1}, {"samples": 0, "baseline": "none"}, {"baseline": "mean"}]
)
def test_a_baseline_without_others_is_refused(bad):
    with pytest.raises(UsageError):
        ScoreFunction(**bad)
