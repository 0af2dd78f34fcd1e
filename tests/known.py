"""Models whose log p(x) and posterior are known in closed form."""

import math

import torch
from torch.distributions import Independent, MultivariateNormal, kl_divergence

from latentia import room
from latentia.model import LatentVariableModel

DATA_DIM, LATENT_DIM, NOISE = 6, 2, 0.3


def build(posterior="gaussian", prior="standard-normal", likelihood="gaussian", **kwargs):
    offer = {
        "network": room.build("network", kwargs.get("network", "linear")),
        "x_shape": (DATA_DIM,),
        "latent_dim": kwargs.get("latent_dim", LATENT_DIM),
    }
    rooms = {"posterior": posterior, "prior": prior, "likelihood": likelihood}
    return LatentVariableModel(*(room.build(k, v, **offer) for k, v in rooms.items())).double()


class Balanced(Independent):
    """A Gaussian whose draws are 2 L points: the mean of any quadratic over them is exact."""

    def rsample(self, sample_shape=()):
        eye = math.sqrt(LATENT_DIM) * torch.eye(LATENT_DIM).to(self.mean)
        return self.mean + self.stddev * torch.cat([eye, -eye])[:, None]


def balance(model):
    """Let q draw balanced points, so that an ELBO of Gaussians has no noise."""
    forward = model.posterior.forward
    model.posterior.forward = lambda x, c=None: Balanced(forward(x, c).base_dist, 1)
    return model


class LinearGaussian:
    """Probabilistic PCA: x = W z + b + noise, with its evidence and posterior in closed form."""

    def __init__(self, orthogonal=True):
        torch.manual_seed(0)
        matrix = torch.randn(DATA_DIM, LATENT_DIM, dtype=torch.float64)
        if orthogonal:
            matrix = torch.linalg.qr(matrix).Q * torch.tensor([1.5, 0.7])
        self.matrix, self.offset = matrix, torch.randn(DATA_DIM, dtype=torch.float64)
        self.model = build(likelihood={"name": "gaussian", "sigma": "fixed"})
        precision = matrix.T @ matrix + NOISE**2 * torch.eye(LATENT_DIM, dtype=torch.float64)
        self.gain = torch.linalg.solve(precision, matrix.T)
        self.covariance = NOISE**2 * torch.linalg.inv(precision)
        noise = NOISE**2 * torch.eye(DATA_DIM, dtype=torch.float64)
        self.marginal = MultivariateNormal(self.offset, matrix @ matrix.T + noise)
        self.x = self.marginal.sample((40,))
        with torch.no_grad():
            likelihood, head = self.model.likelihood, self.model.posterior.head
            likelihood.decoder[0].weight.copy_(matrix)
            likelihood.bias.copy_(self.offset)
            likelihood.log_sigma.fill_(math.log(NOISE))
            head.weight.zero_()
            head.weight[:LATENT_DIM] = self.gain
            head.bias[:LATENT_DIM] = -self.gain @ self.offset
            head.bias[LATENT_DIM:] = self.covariance.diagonal().log() / 2

    @property
    def evidence(self):
        return self.marginal.log_prob(self.x)

    def spoil(self):
        """Give the inference network another posterior than the true one."""
        with torch.no_grad():
            self.model.posterior.head.bias += torch.tensor([0.1, -0.1, 0.3, 0.2])
        return self

    def gap(self):
        """KL(q(z|x) || p(z|x)) of each x, in closed form."""
        q = self.model.posterior(self.x)
        diagonal = MultivariateNormal(q.mean, torch.diag_embed(q.variance))
        exact = MultivariateNormal((self.x - self.offset) @ self.gain.T, self.covariance)
        return kl_divergence(diagonal, exact)
