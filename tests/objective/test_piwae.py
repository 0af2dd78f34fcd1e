"""Two bounds, one for each side; both gradients are in test_gradients.py."""

import torch

from latentia.objective.iwae import IWAE
from latentia.objective.piwae import PIWAE


def test_its_number_is_the_decoder_s_bound(toy):
    model, x = toy.rows(20)
    objective = PIWAE(samples=3, groups=4)
    terms = objective.terms(model, x)
    torch.testing.assert_close(objective(terms), IWAE(samples=12)(terms))


def test_a_group_that_the_decoder_does_not_hear_still_tells_the_encoder(toy):
    """Weights of another group that are e^80 as large: the decoder's share is nothing."""
    model, x = toy.rows(4)
    objective = PIWAE(samples=1, groups=2)
    log_w = torch.tensor([[0.0], [-80.0]], dtype=torch.float64)
    decoder, encoder = objective._shares(log_w)
    assert decoder[1] < 1e-17 and encoder.tolist() == [[0.5], [0.5]]
    assert (encoder / decoder).isfinite().all()
    terms = objective.terms(model, x)
    slopes = torch.autograd.grad(objective(terms).sum(), list(model.posterior.parameters()))
    assert all(slope.isfinite().all() and slope.any() for slope in slopes)
