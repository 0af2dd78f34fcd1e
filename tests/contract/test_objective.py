"""The contract of the objective room: nats per example, the higher the better."""

import pytest
import torch

from latentia import room
from latentia.model import Terms


def make_terms(samples, examples=6, closed_form=True, seed=0):
    torch.manual_seed(seed)
    px, pz, qz = torch.randn(3, samples, examples, dtype=torch.float64)
    per_dim = torch.rand(examples, 2, dtype=torch.float64) if closed_form else None
    return Terms(px, pz, qz, per_dim.sum(-1) if closed_form else None, per_dim)


def rows(terms, index):
    def pick(field, axis):
        return None if field is None else field.index_select(axis, torch.tensor(index))

    return Terms(
        *(pick(field, 1) for field in terms[:3]), *(pick(field, 0) for field in terms[3:])
    )


@pytest.fixture(params=["closed-form", "sampled"])
def terms(request):
    return make_terms(5, closed_form=request.param == "closed-form")


def test_each_example_has_its_own_nats(member, terms):
    objective = room.build("objective", member)
    assert objective.samples >= 1
    assert objective(terms).shape == (6,)
    assert objective(make_terms(1)).shape == (6,)


def test_permuting_a_batch_permutes_its_nats(member, terms):
    objective, order = room.build("objective", member), [3, 1, 5, 0, 2, 4]
    torch.testing.assert_close(objective(rows(terms, order)), objective(terms)[order])


def test_duplicating_a_batch_does_not_change_its_mean(member, terms):
    objective = room.build("objective", member)
    twice = objective(rows(terms, [*range(6), *range(6)]))
    torch.testing.assert_close(twice.mean(), objective(terms).mean())


def test_a_better_reconstruction_is_worth_exactly_what_it_gains(member, terms):
    objective = room.build("objective", member)
    better = terms._replace(log_px_z=terms.log_px_z + 2.5)
    torch.testing.assert_close(objective(better), objective(terms) + 2.5)


def test_with_the_exact_posterior_it_is_the_evidence(member):
    if not room.load("objective", member["name"]).is_tight:
        return
    evidence = torch.linspace(-9, -1, 6, dtype=torch.float64)
    sampled = make_terms(5, closed_form=False)
    exact = sampled._replace(log_px_z=evidence - sampled.log_pz + sampled.log_qz_x)
    torch.testing.assert_close(room.build("objective", member)(exact), evidence)


def test_it_passes_a_gradient_to_every_density_that_it_reads(member):
    samples = make_terms(4, closed_form=False)
    leaves = [field.requires_grad_() for field in samples[:3]]
    objective = room.build("objective", member)
    if not objective.is_tight:  # what it asks of the KL is its own business
        (slope,) = torch.autograd.grad(objective(samples).sum(), leaves[:1])
        assert (slope > 0).all()
        return
    slopes = torch.autograd.grad(objective(samples).sum(), leaves)
    # The score function's gradient in log q is an advantage, of either sign.
    signs = (1, 1, -1) if objective.reparameterizes else (1, 1)
    slopes = slopes[: len(signs)]
    assert all((sign * slope > 0).all() for sign, slope in zip(signs, slopes, strict=True))
