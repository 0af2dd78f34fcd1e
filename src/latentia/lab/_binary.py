"""A model with a few binary latents, whose every sum over them is a sum over 2^L states."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["BinaryModel", "MeanField", "states"]


def states(latents: int) -> Tensor:
    """Return all states of L bits, (2^L, L).

    Example:
        >>> states(2).tolist()
        [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]
    """
    return torch.cartesian_prod(*[torch.tensor([0.0, 1.0])] * latents).reshape(-1, latents)


class BinaryModel(nn.Module):
    r"""The sigmoid belief network of one layer: z ~ Bernoulli(pi), x|z ~ Bernoulli(s(W z + b)).

    .. math:: \log p(x) = \log \sum_{z \in \{0, 1\}^L} p(x|z)\, p(z)

    Arguments:
        latents: L.
        pixels: D.

    References:
        Neal, "Connectionist learning of belief networks", 1992.
    """

    states: Tensor

    def __init__(self, latents: int, pixels: int) -> None:
        super().__init__()
        self.register_buffer("states", states(latents))
        self.prior = nn.Parameter(torch.zeros(latents))
        self.decoder = nn.Linear(latents, pixels)

    def log_joint(self, x: Tensor) -> Tensor:
        """Return log p(x, z) in nats of x (B, D) and every state, (2^L, B)."""
        logits = self.decoder(self.states)
        log_px_z = logits @ x.T - functional.softplus(logits).sum(1, keepdim=True)
        found: Tensor = log_px_z + _log_bernoulli(self.states, self.prior)[:, None]
        return found

    def fit(self, x: Tensor, *, steps: int, batch: int = 256, rate: float = 0.03) -> None:
        """Maximize the mean of log p(x) over x (n, D) itself: no bound is needed.

        The draws come from torch's global generator.
        """
        mean = x.mean(0).clamp(0.001, 0.999)
        with torch.no_grad():
            self.decoder.bias.copy_(mean.logit())
        adam = torch.optim.Adam(self.parameters(), lr=rate)
        schedule = torch.optim.lr_scheduler.OneCycleLR(adam, rate, total_steps=steps)
        for _ in range(steps):
            adam.zero_grad()
            rows = torch.randint(len(x), (batch,))
            loss = -self.log_joint(x[rows]).logsumexp(0).mean()
            loss.backward()  # type: ignore[no-untyped-call]
            adam.step()
            schedule.step()


class MeanField:
    r"""Independent Bernoulli bits for each of B images, fitted to their posteriors.

    .. math:: q(z) = \prod_k m_k^{z_k} (1 - m_k)^{1 - z_k}, \quad
        m_k \leftarrow s(E_q[\log p(x, z) | z_k = 1] - E_q[\log p(x, z) | z_k = 0])

    Each update is exact and none lowers the ELBO.

    Arguments:
        log_joint: log p(x, z) of every state, (2^L, B).
        start: Logits of m to start from, (B, L).

    References:
        Saul, Jaakkola and Jordan, "Mean field theory for sigmoid belief networks", 1996.
    """

    def __init__(self, log_joint: Tensor, start: Tensor) -> None:
        self.log_joint, self.logits = log_joint.double(), start.double().clone()
        self._states = states(start.shape[1]).double()

    @property
    def log_q(self) -> Tensor:
        """The log-probability of every state, (2^L, B)."""
        return _log_bernoulli(self._states[:, None], self.logits)

    @property
    def kl(self) -> Tensor:
        """KL(q || p(z|x)) in nats, (B,)."""
        log_q, log_posterior = self.log_q, self.log_joint.log_softmax(0)
        return (log_q.exp() * (log_q - log_posterior)).sum(0)

    def fit(self, sweeps: int) -> Tensor:
        """Update every bit in turn, sweep by sweep; return the KL after each, (sweeps + 1, B)."""
        trace = [self.kl]
        for _ in range(sweeps):
            for bit in range(self.logits.shape[1]):
                self._update(bit)
            trace.append(self.kl)
        return torch.stack(trace)

    def _update(self, bit: int) -> None:
        on = self._states[:, bit] == 1
        # q of the other bits: q(z) with this one's factor taken out.
        log_others = self.log_q - _log_bernoulli(
            self._states[:, None, bit, None], self.logits[:, bit, None]
        )
        expected = log_others.exp() * self.log_joint
        self.logits[:, bit] = expected[on].sum(0) - expected[~on].sum(0)


def _log_bernoulli(z: Tensor, logits: Tensor) -> Tensor:
    """Return the log-probability of bits (..., L) summed over them, (...)."""
    return (z * logits - functional.softplus(logits)).sum(-1)
