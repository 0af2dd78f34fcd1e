"""What each latent tells of each factor, in nats, and the gap between the first and the second."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeGuard

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.distributions import Distribution, Independent

from latentia.errors import DataError, UsageError
from latentia.evaluation.factors import codes_of, index_of
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.view import Examples

__all__ = ["BINS", "entropies", "gap", "information", "mig", "posterior_information"]

Array = npt.NDArray[Any]

BINS = 20  # of Locatello et al. (2019)
# Examples over which log q(z|v) - log q(z) is averaged, and of how many the densities are held.
_DRAWS = 2000
_ROWS = 250


def entropies(factors: Any) -> Array:
    """Return the entropy of each factor (n, K) among these examples, (K,) nats.

    Example:
        >>> entropies([[0], [1], [2], [3]]).round(4)
        array([1.3863])
    """
    return np.array([_entropy(np.bincount(f) / len(f)) for f in index_of(factors).T])


def information(codes: Any, factors: Any, *, bins: int = BINS) -> Array:
    r"""Return the mutual information of each code with each factor, codes in bins.

    .. math:: I(z_d; v_k) = \sum_{b, v} p(b, v) \log \frac{p(b, v)}{p(b) p(v)}

    A code of no more values than bins has a bin for each; others have bins of equal width. A bin
    is no noise: however small a code's range, it is stretched over all bins. Estimated from n
    examples it is too large by about (bins - 1)(values - 1) / 2n.

    Arguments:
        codes: (n, L).
        factors: (n, K).
        bins: How many.

    Returns:
        (L, K), nats.

    Raises:
        DataError: if these are not of the same n examples.

    Example:
        >>> information([[0.0], [0.0], [5.0], [5.0]], [[0, 0], [0, 1], [1, 0], [1, 1]]).round(4)
        array([[0.6931, 0.    ]])
    """
    if bins < 2:
        raise UsageError(f"In {bins} bins nothing is told apart.", where="bins", how="Use 20.")
    v = index_of(factors)
    z = codes_of(codes, v)
    table = [[_of_counts(_joint(a, b)) for b in v.T] for a in (_binned(c, bins) for c in z.T)]
    return np.array(table)


def gap(told: Array, entropy: Array) -> float:
    r"""Return the mutual information gap of a table of information.

    .. math:: MIG = \frac{1}{K} \sum_k \frac{I(z_{(1)}; v_k) - I(z_{(2)}; v_k)}{H(v_k)}

    with the codes of the most and the second most information on each factor.

    Arguments:
        told: (L, K), nats.
        entropy: H(v_k), (K,), nats.

    Returns:
        1 if every factor is in one code and in no other; 0 if it is in two alike.

    References:
        Chen et al., "Isolating sources of disentanglement in VAEs", 2018.

    Example:
        >>> gap(np.array([[1.0, 0.0], [0.5, 2.0]]), np.array([1.0, 2.0]))
        0.75
    """
    first, second = _two_largest(told)
    return float(((first - second) / entropy).mean())


def mig(codes: Any, factors: Any, *, bins: int = BINS) -> float:
    """Return the mutual information gap of codes in bins, as Locatello et al. (2019) report it.

    `posterior_information` and `gap` give that of Chen et al. (2018), who draw codes from q(z|x).

    Arguments:
        codes: (n, L).
        factors: (n, K), each of two values or more.
        bins: Of `information`.

    Raises:
        DataError: if a factor is constant, or these are not of the same examples.
    """
    entropy = entropies(factors)
    if not entropy.all():
        raise DataError("A factor is constant.", where="factors", how="Leave it out.")
    return gap(information(codes, factors, bins=bins), entropy)


@torch.no_grad()
def posterior_information(
    model: LatentVariableModel, examples: Examples, factors: Any, *, seed: int = 0
) -> Array | None:
    r"""Return the mutual information of each latent, drawn from q(z|x), with each factor.

    .. math:: I(z_d; v_k) = E_{q(z_d, v_k)}[\log q(z_d|v_k) - \log q(z_d)], \quad
        q(z_d|v) = \frac{1}{n_v} \sum_{i: v_i = v} q(z_d|x_i)

    There are no bins, and a latent whose differences drown in its own noise tells nothing. The
    examples are taken as all that there are; the expectation is over one draw of z for each of
    2,000 of them. Time grows with n.

    Arguments:
        model: A model whose q(z|x) factorizes over latents.
        examples: n examples.
        factors: (n, K).
        seed: Seed of the binarization, of z and of the choice of the 2,000.

    Returns:
        (L, K), nats; None where q(z|x) does not factorize or has no density.

    References:
        Chen et al., "Isolating sources of disentanglement in VAEs", 2018.
    """
    v = index_of(factors)
    rng = np.random.default_rng([seed, 0xD15E])
    rows = np.sort(rng.permutation(len(v))[:_DRAWS])
    drawn = []
    with model.evaluating():
        for number, (q, first) in enumerate(_posteriors(model, examples, seed)):
            if not _factorizes(q):
                return None
            with seeded(seed, 7, number):
                z = q.sample()
            mine = rows[(rows >= first) & (rows < first + len(z))] - first
            drawn.append(z[mine])
        sums = _sums(model, examples, torch.cat(drawn), v, seed)
    return _of_sums(sums, v, v[rows])


def _posteriors(
    model: LatentVariableModel, examples: Examples, seed: int
) -> Iterator[tuple[Distribution, int]]:
    """Yield q(z|x) of some hundred examples after the other, and the first one's place."""
    first = 0
    for x, c in examples.pairs(seed):
        with model.given(c):
            q = model.posterior(x)
        yield q, first
        first += len(x)


def _factorizes(q: Distribution) -> TypeGuard[Independent[Distribution]]:
    return isinstance(q, Independent) and not q.base_dist.event_shape


def _sums(
    model: LatentVariableModel, examples: Examples, z: Tensor, v: Array, seed: int
) -> list[Tensor]:
    """Return the sum of q(z_d|x_i) over all i of every value of every factor, (m, L, V) each."""
    one_hot = [torch.eye(int(f.max()) + 1, dtype=torch.float64)[f] for f in torch.tensor(v).T]
    every = torch.cat(one_hot, 1).to(z.device)
    total = torch.zeros(*z.shape, every.shape[1], dtype=torch.float64, device=z.device)
    for q, first in _posteriors(model, examples, seed):
        assert _factorizes(q)
        own = every[first : first + q.batch_shape[0]]
        for rows in torch.arange(len(z), device=z.device).split(_ROWS):  # type: ignore[no-untyped-call]
            each = q.base_dist.log_prob(z[rows, None]).double().exp()  # (rows, B, L)
            total[rows] += each.transpose(1, 2) @ own
    return list(total.split([part.shape[1] for part in one_hot], -1))  # type: ignore[no-untyped-call]


def _of_sums(sums: list[Tensor], v: Array, drawn: Array) -> Array:
    """Return the information (L, K) of densities summed by value, v (n, K), drawn (m, K)."""
    found = []
    for k, each in enumerate(sums):
        counts = torch.tensor(np.bincount(v[:, k])).to(each)
        own = torch.tensor(drawn[:, k], device=each.device)
        of_value = (each / counts)[torch.arange(len(own)), :, own]
        whole = each.sum(-1) / len(v)
        found.append((of_value.log() - whole.log()).mean(0))
    return torch.stack(found, 1).cpu().numpy()


def _two_largest(scores: Array) -> tuple[Array, Array]:
    """Return the largest and the second largest of each column; beside a single one it is 0."""
    order = np.sort(scores, axis=0)
    return order[-1], order[-2] if len(order) > 1 else np.zeros_like(order[-1])


def _binned(code: Array, bins: int) -> Array:
    """Return the bin of each of n numbers."""
    known, place = np.unique(code, return_inverse=True)
    if len(known) <= bins:
        return place
    edges = np.linspace(code.min(), code.max(), bins + 1)
    return np.digitize(code, edges[1:-1])


def _joint(a: Array, b: Array) -> Array:
    """Return how often each pair of values is seen, as a table."""
    width = int(b.max()) + 1
    counts = np.bincount(a * width + b, minlength=(int(a.max()) + 1) * width)
    return counts.reshape(-1, width)


def _of_counts(counts: Array) -> float:
    joint = counts / counts.sum()
    return _entropy(joint.sum(0)) + _entropy(joint.sum(1)) - _entropy(joint)


def _entropy(p: Array) -> float:
    p = p[p > 0]
    return float(-(p * np.log(p)).sum())
