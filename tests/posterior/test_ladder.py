"""The posterior of a ladder; `contract/test_ladder.py` holds it against theory."""

import torch
from tests.ladders import SMALL, built


def test_an_untrained_ladder_says_what_the_marginals_say():
    model, x = built(SMALL, amount=0.0)
    torch.manual_seed(0)
    terms = model(x)
    assert terms.kl.abs().max() < 1e-5
    z = torch.randn(9, model.posterior.latent_dim)
    normal = torch.distributions.Normal(0.0, 1.0)
    torch.testing.assert_close(model.prior().log_prob(z), normal.log_prob(z).sum(-1))


def test_examples_do_not_see_each_other():
    model, x = built(SMALL)
    model = model.eval()
    with torch.no_grad():
        together = model.posterior(x).mean
        alone = torch.cat([model.posterior(x[i : i + 1]).mean for i in range(len(x))])
        z = together
        decoded = model.likelihood(z).mean
        apart = torch.cat([model.likelihood(z[i : i + 1]).mean for i in range(len(x))])
    torch.testing.assert_close(together, alone, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(decoded, apart, rtol=1e-4, atol=1e-5)
