"""A seed is the run: the same twice, another for another, and nothing else is touched."""

import numpy as np
import pytest
import torch

from latentia.training.progress import Quiet


def trained(session):
    session.train(Quiet())
    return session.model.state_dict(), [
        {k: v for k, v in row.items() if k != "seconds"} for row in session.history
    ]


def same(a, b):
    return all(torch.equal(a[name], b[name]) for name in a)


def test_the_same_seed_gives_the_same_run(make_session):
    weights, rows = trained(make_session(seed=7))
    torch.manual_seed(123)  # the state of the user's own generator is no part of it
    again, rows_again = trained(make_session(seed=7))
    assert same(weights, again)
    assert rows == rows_again


def test_another_seed_gives_another_run(make_session):
    first, _ = trained(make_session(seed=7))
    second, _ = trained(make_session(seed=8))
    assert not same(first, second)


@pytest.mark.parametrize("part", ["order", "noise", "weights"])
def test_order_noise_and_weights_all_depend_on_the_seed(part, make_session):
    from latentia.rng import mix
    from latentia.training.loop import _order

    if part == "order":
        assert not torch.equal(_order(50, 0, 0), _order(50, 1, 0))
        assert not torch.equal(_order(50, 0, 0), _order(50, 0, 1))
        assert torch.equal(_order(50, 0, 3).sort().values, torch.arange(50))
    elif part == "noise":
        keys = [(s, e, k) for s in range(3) for e in range(3) for k in range(3)]
        assert len({mix(*key) for key in keys}) == len(keys)
    else:
        first, second = make_session(seed=0), make_session(seed=1)
        assert not same(first.model.state_dict(), second.model.state_dict())


def test_the_users_generators_are_as_they_were(make_session):
    torch.manual_seed(5)
    np.random.seed(5)  # noqa: NPY002
    before, numpys = torch.get_rng_state(), np.random.get_state()[1].copy()  # noqa: NPY002
    make_session().train(Quiet())
    assert torch.equal(torch.get_rng_state(), before)
    assert np.array_equal(np.random.get_state()[1], numpys)  # noqa: NPY002
