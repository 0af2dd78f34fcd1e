"""A model of p(x, y) small enough to be known: linear-Gaussian under each of three classes."""

import numpy as np
import torch
from torch.distributions import MultivariateNormal

from latentia.data import Data
from latentia.design import Wishes, assemble, decide, start_at_data
from latentia.view import Examples

CLASSES, LATENTS, NUMBERS = 3, 2, 5
LINEAR = {"name": "gaussian", "sigma": "fixed"}


def data_of(n=24, known=(0, 1, 2, 3, 4)):
    """Return rows of three classes, of which only some are labelled."""
    random = np.random.default_rng(0)
    y = np.arange(n) % CLASSES
    x = random.normal(size=(n, NUMBERS)) + 2 * y[:, None]
    text = np.array([str(k) if i in known else "" for i, k in enumerate(y)], dtype=object)
    return Data.from_array(x, text).under(["label"])


def built(data=None, *, likelihood=LINEAR, network="linear", prior="standard-normal", seed=0):
    """Return a model in float64, moved from where it starts, x, and c with NaN where unknown."""
    data = data_of() if data is None else data
    wishes = Wishes(latent_dim=LATENTS, network=network, likelihood=likelihood, prior=prior)
    design, _ = decide(data.schema, wishes)
    model = assemble(design, seed=seed)
    c = torch.as_tensor(data.c)
    examples = Examples(torch.as_tensor(data.model_array()), design.view, c=c)
    start_at_data(model, examples)
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.2 * torch.randn_like(parameter)
    return model.double().eval(), examples.read(torch.arange(len(examples))).double(), c.double()


def given_class(model, x, y):
    """Return log p(x|y) in closed form, and the mean and covariance of p(z|x, y)."""
    likelihood, c = model.likelihood, model.labels.one(y)
    with torch.no_grad(), model.given(c):
        at = likelihood(torch.zeros(1, LATENTS).double()).mean[0]
        weight = (likelihood(torch.eye(LATENTS).double()).mean - at).T
        noise = likelihood(torch.zeros(1, LATENTS).double()).stddev[0] ** 2
        p = model.prior()
        mean, scale = p.mean.reshape(-1), p.stddev.reshape(-1)
    prior = torch.diag(scale**2)
    covariance = weight @ prior @ weight.T + torch.diag(noise)
    gain = prior @ weight.T @ torch.linalg.inv(covariance)
    marginal = MultivariateNormal(at + weight @ mean, covariance)
    posterior = mean + (x - at - weight @ mean) @ gain.T
    return marginal.log_prob(x), posterior, prior - gain @ weight @ prior


def evidence(model, x):
    """Return log p(x) = log sum_y p(y) p(x|y), and log p(y|x), in closed form."""
    log_p = model.labels.prior().logits
    joint = torch.stack([given_class(model, x, y)[0] + log_p[y] for y in range(CLASSES)], 1)
    return joint.logsumexp(1), joint.log_softmax(1)
