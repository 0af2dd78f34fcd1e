"""The decoder with a mixture of logistics."""

import pytest
import torch

from latentia.errors import UsageError
from latentia.likelihood.discretized_logistic import DiscretizedLogistic
from latentia.likelihood.logistic_mixture import LogisticMixture
from latentia.network.linear import Linear


@pytest.mark.parametrize(
    ("mean", "std"), [(0.02, 0.08), (0.1, 0.3), (0.3, 0.3), (0.5, 0.1), (0.99, 0.05)]
)
@pytest.mark.parametrize("components", [1, 2, 5])
def test_it_starts_at_the_mean_of_the_data(mean, std, components):
    likelihood = LogisticMixture(Linear(), (1,), 2, components=components)
    likelihood.initialise(torch.tensor([mean]), torch.tensor([std]))
    assert likelihood(torch.zeros(1, 2)).mean.item() == pytest.approx(mean, abs=1e-3)


def test_ink_or_paper_is_more_probable_than_under_one_logistic():
    """Half of the pixels black, half white: fitted by hand, a mixture says log 1/2."""
    torch.manual_seed(0)
    x = torch.randint(2, (400, 1)).float()
    found = []
    for cls, options in ((DiscretizedLogistic, {}), (LogisticMixture, {"components": 2})):
        likelihood = cls(Linear(), (1,), 1, **options)
        likelihood.initialise(x.mean(0), x.std(0))
        optimizer = torch.optim.Adam([likelihood.bias], 0.05)
        for _ in range(300):
            optimizer.zero_grad()
            loss = -likelihood(torch.zeros(1, 1)).log_prob(x).mean()
            loss.backward()
            optimizer.step()
        found.append(loss.item())
    assert found[1] < 0.72  # log 2 is 0.69
    assert found[0] > found[1]


@pytest.mark.parametrize("number", [-1e4, 1e4])
def test_it_stays_finite_however_wild_the_decoder(number):
    likelihood = LogisticMixture(Linear(), (4,), 2)
    with torch.no_grad():
        likelihood.bias.fill_(number)
    value = likelihood(torch.zeros(3, 2)).log_prob(torch.tensor([0.0, 1 / 255, 0.5, 1.0]))
    value.sum().backward()
    assert value.isfinite().all() and likelihood.bias.grad.isfinite().all()


def test_no_component_is_refused():
    with pytest.raises(UsageError, match="at least one component"):
        LogisticMixture(Linear(), (4,), 2, components=0)


@pytest.mark.parametrize("components", [1, 2, 3, 5])
def test_it_starts_near_a_single_logistic_however_many_there_are(components):
    torch.manual_seed(0)
    x = torch.randint(256, (500, 1)) / 255
    likelihood = LogisticMixture(Linear(), (1,), 1, components=components)
    likelihood.initialise(x.mean(0), x.std(0))
    nats = -likelihood(torch.zeros(1, 1)).log_prob(x).mean().item()
    assert nats < 5.5545 + 0.4  # log 256, of even levels
