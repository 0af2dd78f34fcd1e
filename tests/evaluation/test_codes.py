"""How codes are used."""

import math

import pytest
import torch

from latentia.evaluation.codes import code_use


def one_hots(rows, classes):
    return torch.eye(classes)[torch.tensor(rows)].flatten(1)


def test_equal_use_of_all_classes_is_as_many_and_use_of_one_is_one():
    every = [[i, j] for i in range(4) for j in range(4)]
    found = code_use(one_hots(every, 4), 2)
    assert found.perplexity == pytest.approx(4) and found.distinct == 16
    assert (found.choices, found.classes) == (2, 4)
    same = code_use(one_hots([[3, 1]] * 5, 4), 2)
    assert same.perplexity == pytest.approx(1) and same.distinct == 1


def test_it_is_the_geometric_mean_over_choices():
    rows = [[i, 0] for i in range(4)]
    assert code_use(one_hots(rows, 4), 2).perplexity == pytest.approx(2)


def test_choices_times_its_logarithm_is_the_cost_under_the_best_independent_prior():
    torch.manual_seed(0)
    z = one_hots(torch.randint(3, (200, 2)).pow(2).clamp(max=2).tolist(), 3)
    share = z.mean(0)
    cost = -(z * share.clamp_min(1e-30).log()).sum(-1).mean()
    assert 2 * math.log(code_use(z, 2).perplexity) == pytest.approx(cost.item(), rel=1e-5)


def test_probabilities_of_classes_are_shares_too():
    assert code_use(torch.full((7, 6), 1 / 3), 2).perplexity == pytest.approx(3)
