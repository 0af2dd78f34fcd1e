"""Ladders small enough to be known: two latents, whose log p(x) is an integral over a plane."""

import torch

from latentia.data import Data
from latentia.design import Wishes, assemble, decide, start_at_data
from latentia.view import Examples

# Two latents in two groups of one, so that log p(x) is an integral over a plane.
TINY = {"name": "ladder", "groups": (1, 1), "width": 1, "channels": 4, "patch": 8, "blocks": 1}
SMALL = {"name": "ladder", "groups": (1, 2), "width": 2, "channels": 6, "patch": 2, "blocks": 1}


def built(network=TINY, side=8, likelihood="bernoulli", *, channels=1, seed=0, amount=0.3):
    """Return a ladder over black-and-white pictures, moved from where it starts, and x."""
    generator = torch.Generator().manual_seed(7)
    shape = (24, side, side) if channels == 1 else (24, side, side, channels)
    x = (torch.rand(shape, generator=generator) < 0.3).numpy().astype("uint8")
    data = Data.from_array(x)
    wishes = Wishes(network=network, likelihood=likelihood, binarize="none")
    design, _ = decide(data.schema, wishes)
    model = assemble(design, seed=seed)
    examples = Examples(torch.as_tensor(data.model_array()), design.view)
    start_at_data(model, examples)
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += amount * torch.randn_like(parameter)
    return model, next(examples.batches(0))


def plane(reach=9.0, points=401):
    side = torch.linspace(-reach, reach, points, dtype=torch.float64)
    z = torch.cartesian_prod(side, side)
    return z, (2 * reach / (points - 1)) ** 2


def known():
    """A ladder whose two groups have one latent each, the second given the first."""
    model, x = built({**TINY, "groups": (2,), "patch": 8})
    assert model.posterior.latent_dim == 2
    with torch.no_grad():  # what stands above is to matter
        model.prior.top_down.groups[0].project.weight += 0.7
    return model.double().eval(), x[:4].double()
