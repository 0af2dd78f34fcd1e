"""The numbers that say all of a distribution, by torch's names."""

from __future__ import annotations

from torch import Tensor
from torch.distributions import Distribution, Independent
from torch.distributions.utils import lazy_property

__all__ = ["parameters"]


def parameters(p: Distribution) -> dict[str, Tensor]:
    """Return the tensors that say all of a distribution, by torch's names.

    Where torch knows a parameter by several names (logits or probabilities, a covariance or its
    triangle), it is the one that the distribution was made with.

    Arguments:
        p: A distribution whose `arg_constraints` name its parameters.

    Returns:
        Tensors, each of batch shape (...) in front; none where no tensors say all of it, as of
        what is drawn through a flow, group by group or pixel by pixel.

    Example:
        >>> import torch
        >>> from torch.distributions import Normal
        >>> list(parameters(Independent(Normal(torch.zeros(3), torch.ones(3)), 1)))
        ['loc', 'scale']
    """
    if isinstance(p, Independent):
        return parameters(p.base_dist)
    names = [name for name in p.arg_constraints if not _derived(p, name)]
    return {name: getattr(p, name) for name in names}


def _derived(p: Distribution, name: str) -> bool:
    """Whether torch makes a parameter of the others when it is asked for."""
    made = getattr(type(p), name, None)
    if isinstance(made, lazy_property):
        # Once asked for it stands beside the others, but it was not what they were made of.
        first = [n for n in p.arg_constraints if n in vars(p)]
        return name not in vars(p) or (name == "probs" and "logits" in first)
    return getattr(p, name, None) is None
