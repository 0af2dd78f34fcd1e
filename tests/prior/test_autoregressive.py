"""The prior of choices that depend on each other."""

import pytest
import torch
from scipy import stats

from latentia.errors import UsageError
from latentia.evidence.enumeration import codes
from latentia.prior._causal import Causal
from latentia.prior.autoregressive import Autoregressive


def moved(*args, amount=0.5, **options):
    """Return a prior whose parameters are not where they started."""
    torch.manual_seed(0)
    prior = Autoregressive(*args, **options)
    with torch.no_grad():
        for parameter in prior.parameters():
            parameter += amount * torch.randn_like(parameter)
    return prior


def test_untrained_every_class_of_every_choice_is_as_likely():
    p = Autoregressive(12, choices=4)()
    z = codes(p)
    assert len(z) == 81
    torch.testing.assert_close(p.log_prob(z).exp(), torch.full((81,), 1 / 81))


@pytest.mark.parametrize("choices", [1, 2, 4])
def test_all_codes_together_have_probability_one_and_come_as_often_as_they_should(choices):
    p = moved(3 * choices, choices=choices, width=64)()
    z, n = codes(p), 20_000
    mass = p.log_prob(z).detach().exp().double()
    assert mass.sum().item() == pytest.approx(1, abs=1e-5)
    torch.manual_seed(0)
    drawn = p.sample([n]).unflatten(-1, (choices, 3)).argmax(-1)
    place = (drawn * 3 ** torch.arange(choices - 1, -1, -1)).sum(-1)
    found = torch.bincount(place, minlength=len(z)).double()
    common = n * mass > 5  # rare codes are counted together, as the test asks
    seen = torch.cat([found[common], found[~common].sum()[None]])
    expected = torch.cat([n * mass[common], n * mass[~common].sum()[None]])
    seen, expected = seen[expected > 0], expected[expected > 0]
    assert stats.chisquare(seen, expected * (seen.sum() / expected.sum())).pvalue > 1e-3


def test_no_choice_sees_itself_or_a_later_one():
    network = moved(20, choices=5, layers=3, width=64).network
    z = torch.eye(4)[torch.randint(4, (1, 5))].requires_grad_()
    for place, logits in enumerate(network(z)[0]):
        (slope,) = torch.autograd.grad(logits.square().sum(), z, retain_graph=True)
        seen = slope[0].abs().sum(-1) > 0
        assert seen.tolist() == [before < place for before in range(5)]


def test_it_learns_what_independent_choices_cannot():
    """The second choice is the first, the third any: log 9 nats and not log 27."""
    first = torch.randint(3, (500,), generator=torch.Generator().manual_seed(0))
    third = torch.randint(3, (500,), generator=torch.Generator().manual_seed(1))
    z = torch.eye(3)[torch.stack([first, first, third], 1)].flatten(1)
    torch.manual_seed(0)
    prior = Autoregressive(9, choices=3, layers=1, width=32)
    optimizer = torch.optim.Adam(prior.parameters(), 1e-2)
    for _ in range(100):
        optimizer.zero_grad()
        loss = -prior().log_prob(z).mean()
        loss.backward()
        optimizer.step()
    assert loss.item() == pytest.approx(2 * torch.tensor(3.0).log().item(), abs=0.05)
    drawn = prior().sample([200]).unflatten(-1, (3, 3)).argmax(-1)
    assert (drawn[:, 0] == drawn[:, 1]).double().mean() > 0.97


def test_what_cannot_be_is_refused():
    for options, words in (
        ({"choices": 2, "layers": 0}, "layers=0"),
        ({"choices": 2, "width": 40}, "multiple of 32"),
        ({"choices": 5}, "choices"),
    ):
        with pytest.raises(UsageError, match=words):
            Autoregressive(6, **options)


def test_a_single_choice_has_no_network():
    assert [name for name, _ in Causal(1, 4, layers=2, width=32).named_parameters()] == ["bias"]
