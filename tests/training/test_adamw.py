"""AdamW against torch's own optimizer, step by step, and what torch's cannot be asked for."""

import pytest
import torch

from latentia.training.adamw import AdamW


def parameters():
    generator = torch.Generator().manual_seed(0)
    drawn = [torch.randn(*shape, generator=generator) for shape in ((3, 4), (5,), (2, 2))]
    return [value.requires_grad_() for value in drawn]


def loss(ps):
    return sum((p.square() * (i + 1)).sum() + p.sin().sum() for i, p in enumerate(ps))


@pytest.mark.parametrize(
    ("decay", "betas"), [(0.0, (0.9, 0.999)), (0.1, (0.9, 0.999)), (0.0, (0.5, 0.9))]
)
def test_the_same_weights_and_moments_as_torchs_after_many_rates(decay, betas):
    mine, theirs = parameters(), parameters()
    own = AdamW(mine, weight_decay=decay, betas=betas)
    torchs = torch.optim.AdamW(theirs, weight_decay=decay, betas=betas, fused=True)
    for step in range(20):
        rate = 0.1 / (1 + step)
        for ps in (mine, theirs):
            for p in ps:
                p.grad = None
            loss(ps).backward()
        own.step(rate)
        torchs.param_groups[0]["lr"] = rate
        torchs.step()
    assert all(torch.equal(a, b) for a, b in zip(mine, theirs, strict=True))
    kept = {
        f"{i}.{name}": t
        for i, slots in torchs.state_dict()["state"].items()
        for name, t in slots.items()
    }
    found = own.tensors()
    assert found.keys() == kept.keys()
    assert all(torch.equal(found[key], kept[key]) for key in kept)


def test_a_skipped_step_changes_nothing_whatever_the_gradient():
    ps = parameters()
    optimizer = AdamW(ps)
    loss(ps).backward()
    optimizer.step(0.1)
    weights = [p.detach().clone() for p in ps]
    moments = {k: t.clone() for k, t in optimizer.tensors().items()}
    for p in ps:
        p.grad = torch.full_like(p, torch.nan)
    optimizer.step(0.1, skip=torch.tensor(1.0))
    assert all(torch.equal(p, old) for p, old in zip(ps, weights, strict=True))
    assert all(torch.equal(t, moments[k]) for k, t in optimizer.tensors().items())
    optimizer.step(0.1, skip=torch.tensor(0.0))
    assert all(p.isnan().all() for p in ps)


def test_what_has_no_gradient_stays_where_it_is():
    ps = parameters()
    ps[0].sum().backward()
    untouched = ps[1].detach().clone()
    optimizer = AdamW(ps, weight_decay=0.5)
    optimizer.step(0.1)
    assert torch.equal(ps[1], untouched)
    assert [float(optimizer.tensors()[f"{i}.step"]) for i in range(3)] == [1, 0, 0]


def test_what_was_kept_goes_on_bitwise():
    ps = parameters()
    optimizer = AdamW(ps)
    loss(ps).backward()
    optimizer.step(0.1)
    kept = {k: t.clone() for k, t in optimizer.tensors().items()}
    again = [p.detach().clone().requires_grad_() for p in ps]
    other = AdamW(again)
    other.restore(kept)
    for some, taker in ((ps, optimizer), (again, other)):
        for p in some:
            p.grad = torch.ones_like(p)
        taker.step(0.1)
    assert all(torch.equal(a, b) for a, b in zip(ps, again, strict=True))


def test_the_running_mean_is_what_its_decay_says():
    w = torch.ones(2, requires_grad=True)
    adam, expected = AdamW([w], average=0.4), torch.ones(2)
    for t in range(1, 8):
        w.grad = torch.tensor([1.0, -2.0])
        adam.step(0.1)
        decay = min(0.4, (1 + t) / (10 + t))  # the first ones are (nearly) the weights themselves
        expected = decay * expected + (1 - decay) * w.detach()
    own = w.detach().clone()
    with adam.averaged():
        torch.testing.assert_close(w.detach(), expected)
    assert torch.equal(w.detach(), own)
    with pytest.raises(RuntimeError), adam.averaged():
        raise RuntimeError
    assert torch.equal(w.detach(), own)
    other = AdamW([torch.ones(2, requires_grad=True)], average=0.4)
    other.restore(adam.tensors())
    with other.averaged():
        torch.testing.assert_close(other.parameters[0].detach(), expected)


def test_without_a_mean_the_weights_are_their_own():
    adam = AdamW([torch.ones(2, requires_grad=True)])
    with adam.averaged():
        assert torch.equal(adam.parameters[0].detach(), torch.ones(2))
    assert "0.mean" not in adam.tensors()


def test_what_follows_the_weights_has_a_mean_too():
    w, buffer = torch.ones(2, requires_grad=True), torch.zeros(())
    adam = AdamW([w], average=0.4, others=[buffer])
    for t in range(1, 4):
        w.grad = torch.ones(2)
        buffer.fill_(float(t))
        adam.step(0.1)
    with adam.averaged():
        assert 1 < float(buffer) < 3
    assert float(buffer) == 3
    other = AdamW([torch.ones(2, requires_grad=True)], average=0.4, others=[torch.zeros(())])
    other.restore(adam.tensors())
    with other.averaged(), adam.averaged():
        assert torch.equal(other._moving[1], buffer)
