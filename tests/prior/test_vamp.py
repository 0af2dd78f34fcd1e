"""The VampPrior is the mean of its pseudo-inputs' posteriors, whose weights it shares."""

import math

import pytest
import torch

import latentia as lt
from latentia import room
from latentia.errors import UsageError
from latentia.posterior.gaussian import Gaussian
from latentia.prior.vamp import Vamp


@pytest.fixture
def posterior():
    torch.manual_seed(0)
    return Gaussian(room.build("network", {"name": "mlp", "hidden": (8,)}), (5,), 2)


def test_it_is_the_mean_of_posteriors(posterior):
    prior, z = Vamp(posterior, (5,), components=7), torch.randn(4, 2)
    each = torch.stack([posterior(u[None]).log_prob(z) for u in prior.inputs])
    torch.testing.assert_close(prior().log_prob(z), each.logsumexp(0) - math.log(7))


def test_the_posterior_s_weights_stay_its_own_and_are_trained_by_it(posterior):
    prior = Vamp(posterior, (5,), components=7)
    assert [name for name, _ in prior.named_parameters()] == ["inputs"]
    prior().log_prob(torch.randn(4, 2)).sum().backward()
    assert all(p.grad is not None and p.grad.any() for p in posterior.parameters())


def test_it_starts_at_training_examples(inked):
    options = {"n_components": 2, "max_epochs": 1, "learning_rate": 1e-12, "random_state": 0}
    prior = {"name": "vamp", "components": 300}  # more than there are examples
    vae = lt.VAE(prior=prior, binarize="dynamic", **options).fit(inked)
    inputs = vae.model_.prior.inputs.detach()
    x = vae.plain(inked)
    apart = (inputs[:, None] - x[None]).abs().amax((2, 3, 4)).amin(1)
    assert (apart < 1e-6).all()


def test_a_trained_model_comes_back_with_it(inked, tmp_path):
    vae = lt.VAE(n_components=2, max_epochs=2, prior="vamp", random_state=0).fit(inked)
    vae.save(tmp_path / "run")
    again = lt.load(tmp_path / "run", device="cpu")
    assert (again.sample(5) == vae.sample(5)).all()
    assert (again.score_samples(inked[:5], 20) == vae.score_samples(inked[:5], 20)).all()


def test_another_posterior_is_refused_before_anything_is_trained(inked, says):
    with pytest.raises(UsageError) as caught:
        lt.VAE(n_components=2, prior="vamp", variational="full", max_epochs=1).fit(inked)
    says(caught.value, "mixture of diagonal Gaussians", "posterior")
    with pytest.raises(UsageError, match="at least one pseudo-input"):
        Vamp(None, (5,), components=0)


def test_missing_cells_of_its_examples_start_at_their_mean(posterior):
    prior, x = Vamp(posterior, (5,), components=3), 100 + torch.rand(3, 5)
    x[0, 1] = torch.nan
    prior.start(x)
    expected = x.clone()
    expected[0, 1] = x[1:, 1].mean()
    torch.testing.assert_close(prior.inputs.detach(), expected)
