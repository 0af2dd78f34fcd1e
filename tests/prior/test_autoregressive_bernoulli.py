"""The prior of zeros and ones that depend on each other."""

import numpy as np
import pytest
import torch

import latentia as lt
from latentia.evidence.enumeration import Enumeration, codes
from latentia.prior.autoregressive_bernoulli import AutoregressiveBernoulli


def test_untrained_every_code_is_as_likely():
    p = AutoregressiveBernoulli(5)()
    z = codes(p)
    assert z.shape == (32, 5) and len(z.unique(dim=0)) == 32
    torch.testing.assert_close(p.log_prob(z).exp(), torch.full((32,), 1 / 32))


def test_a_model_with_it_stays_below_the_sum_over_all_codes():
    random = np.random.default_rng(0)
    kinds = random.random((3, 10)) < 0.5
    x = (kinds[random.integers(0, 3, 300)] ^ (random.random((300, 10)) < 0.05)).astype(np.uint8)
    vae = lt.VAE(
        n_components=4,
        variational="bernoulli",
        prior={"name": "autoregressive-bernoulli", "layers": 1, "width": 16},
        max_epochs=15,
        learning_rate=5e-3,
    ).fit(x)
    exact = Enumeration()(vae.model_, torch.tensor(x).float()).log_likelihood
    bound = vae.elbo(x)
    assert bound.elbo.mean() <= exact.mean().item() + 0.02  # the bound's draws are few
    assert exact.mean().item() > -10 * np.log(2)
    # Importance sampling is for a q that draws, as this one does.
    found = vae.evidence(x[:50], 2000)
    assert found.mean == pytest.approx(exact[:50].mean().item(), abs=0.05)
