"""The loss, compiled: what is compiled, what was before it was tried, and whether it is right."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from types import FunctionType
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from latentia.model import LatentVariableModel, Terms
from latentia.objective.base import Objective

__all__ = [
    "Before",
    "Found",
    "Loss",
    "Whole",
    "compiled_loss",
    "first_line",
    "has_regions",
    "loss",
    "require_alike",
    "ways",
]


class Found(NamedTuple):
    """What is found of a batch.

    Arguments:
        loss: What is minimized, () nats.
        terms: The terms of the batch.
        sums: Count, reconstruction, KL, and KL by latent, each summed over the batch, (3 + L,).
    """

    loss: Tensor
    terms: Terms
    sums: Tensor


Loss = Callable[
    [LatentVariableModel, Objective, Tensor, Tensor | None, float | Tensor],
    Found,
]

# A parameter's gradient is another one if it is off by this share of itself and by more than what
# rounding leaves of all of them. One that was lost is off by all of itself.
_OWN = 0.5


def loss(
    model: LatentVariableModel,
    objective: Objective,
    x: Tensor,
    given: Tensor | None,
    position: float | Tensor,
) -> Found:
    """Return what is minimized, its terms, and what is told of them.

    Arguments:
        model: The model.
        objective: What is maximized.
        x: Examples, (B, *x_shape).
        given: What the encoder sees instead, or None.
        position: Epochs trained so far.
    """
    terms = objective.terms(model, x, given=given)
    # The only minus sign: here nats become a loss.
    return Found(-objective(terms, position).mean(), terms, _sums(terms))


def _sums(terms: Terms) -> Tensor:
    count = terms.log_px_z.new_full((), terms.log_px_z.shape[1])
    sums = torch.stack([count, terms.reconstruction.sum(), terms.regularization.sum()])
    if terms.kl_per_dim is not None:
        sums = torch.cat([sums, terms.kl_per_dim.sum(0)])
    # Cut off at the end: a block without gradients is dearer than the few nodes that it spares.
    return sums.detach().double()


_copies = count()
# The same noise as without: torch's own generator draws it, from the same seeds.
_HOW: dict[str, Any] = {
    "fullgraph": True,
    "dynamic": False,
    "options": {"fallback_random": True},
}


def ways(model: LatentVariableModel, parameters: Sequence[Tensor], half: bool) -> list[Loss]:
    """Return how the loss can be compiled, the quickest first: where one fails, the next is tried.

    Arguments:
        model: The model whose loss it is.
        parameters: What is trained.
        half: Whether products are of bfloat16.
    """
    there = parameters[0].device.type != "cpu"
    # On a GPU the step is recorded, which leaves autograd nothing to cost.
    found: list[Loss] = [] if there or not Whole.known() else [Whole(parameters, half)]
    return [*found, compiled_loss(model)]


class Whole:
    """The loss with its gradient, compiled as one graph: autograd has no part in a step.

    It leaves the gradient in the parameters, as `backward` does, and returns the loss and its
    terms without a graph.

    Arguments:
        parameters: What is differentiated in, and holds the gradient.
        half: Whether products are of bfloat16; the sums and the densities never are.
    """

    def __init__(self, parameters: Sequence[Tensor], half: bool) -> None:
        self._parameters, self._half = tuple(parameters), half
        how = {**_HOW, "options": _HOW["options"] | _QUICK}
        self._run = torch.compile(_copy(_differentiated), **how)
        # Asked for in every step, for what is compiled anew in the middle of a run needs it too.
        self._able = torch._dynamo.config.patch({_DIFFERENTIATES: True})

    @staticmethod
    def known() -> bool:
        """Whether this torch can differentiate within what it compiles (2.13 can)."""
        return hasattr(torch._dynamo.config, _DIFFERENTIATES)

    def __call__(
        self,
        model: LatentVariableModel,
        objective: Objective,
        x: Tensor,
        given: Tensor | None,
        position: float | Tensor,
    ) -> Found:
        """Return what is found, with the gradient in the parameters."""
        with self._able:
            both = self._run(model, objective, x, given, position, self._parameters, self._half)
        found: Found = both[0]
        for parameter, slope in zip(self._parameters, both[1], strict=True):
            parameter.grad = _laid_out(slope, parameter)
        return found


_DIFFERENTIATES = "trace_autograd_ops"


def _kept(guards: Sequence[Any]) -> list[bool]:
    """Return which guards are looked at before every step: those of numbers and of settings.

    What a layer is and what its class can do does not change within a fit, and to look at all of
    that takes longer than a small layer.
    """
    return [guard.guard_type in _GUARDS for guard in guards]


_GUARDS = frozenset(
    ["CONSTANT_MATCH", "EQUALS_MATCH", "SEQUENCE_LENGTH", "GRAD_MODE", "GLOBAL_STATE", "SHAPE_ENV"]
)
# Kernels are called from C++, and less is asked before they are: 0.2 ms a step in all.
_QUICK: dict[str, Any] = {"cpp_wrapper": True, "guard_filter_fn": _kept}


def _laid_out(slope: Tensor | None, parameter: Tensor) -> Tensor | None:
    """Return a gradient laid out as its parameter, as autograd's own are: Adam reads both flat."""
    if slope is None or slope.stride() == parameter.stride():
        return slope
    return torch.empty_like(parameter).copy_(slope)


def _differentiated(
    model: LatentVariableModel,
    objective: Objective,
    x: Tensor,
    given: Tensor | None,
    position: float | Tensor,
    parameters: Sequence[Tensor],
    half: bool,
) -> tuple[Found, tuple[Tensor | None, ...]]:
    """Return what is found, and the gradient."""
    with torch.autocast(x.device.type, torch.bfloat16, enabled=half):
        value, terms, sums = loss(model, objective, x, given, position)
    slopes = torch.autograd.grad(value, parameters, allow_unused=True)
    terms = terms._replace(rows=None, under=None)
    told = Terms(*(None if part is None else part.detach() for part in terms))  # type: ignore[arg-type]
    return Found(value.detach(), told, sums), slopes


def compiled_loss(model: LatentVariableModel) -> Loss:
    """Return the loss, to be compiled when it is first asked for.

    Where layers of the model are regions of their own, they are compiled, each kind once, and what
    stands between them is not: a deep network as one is minutes of compiling.

    Arguments:
        model: The model whose loss it is.
    """
    regions = list(_regions(model))
    return _by_region(regions) if regions else _whole()


def has_regions(model: nn.Module) -> bool:
    """Whether layers of a model are compiled by themselves."""
    return any(True for _ in _regions(model))


def _regions(module: nn.Module) -> Iterator[tuple[nn.Module, str]]:
    """Yield layers that are compiled by themselves, and each method; none within another."""
    methods = getattr(module, "regions", ())
    for method in methods:
        yield module, method
    if not methods:
        for child in module.children():
            yield from _regions(child)


def _by_region(regions: list[tuple[nn.Module, str]]) -> Loss:
    """Return the loss with these methods compiled while it is taken, and only then."""
    kinds: dict[Any, Callable[..., Any]] = {}
    compiled = []
    for layer, name in regions:
        kind = type(layer), name, *(parameter.shape for parameter in layer.parameters())
        if kind not in kinds:
            kinds[kind] = torch.compile(_copy(getattr(type(layer), name)), **_HOW)
        compiled.append(partial(kinds[kind], layer))

    def own(
        model: LatentVariableModel,
        objective: Objective,
        x: Tensor,
        given: Tensor | None,
        position: float | Tensor,
    ) -> Found:
        # Other sizes of batches, as in validation, would be compiled again.
        for (layer, name), quick in zip(regions, compiled, strict=True):
            layer.__dict__[name] = quick
        try:
            return loss(model, objective, x, given, position)
        finally:
            for layer, name in regions:
                del layer.__dict__[name]

    return own


def _whole() -> Loss:
    """Return the loss, compiled as one."""
    compiled: Loss = torch.compile(_copy(loss), **_HOW)
    return compiled


def _copy(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function with code of its own.

    Compilations are counted by code, and after eight of one there are no more.
    """
    assert isinstance(function, FunctionType)
    code = function.__code__.replace(co_name=f"{function.__name__}_{next(_copies)}")
    return FunctionType(code, function.__globals__)


class Before:
    """Generators and buffers as they are now, to be put back.

    Arguments:
        model: The model whose buffers a step may change.
        device: `cpu` or `cuda`.
    """

    def __init__(self, model: LatentVariableModel, device: str) -> None:
        self.model = model
        self.random = torch.get_rng_state()
        self.random_there = torch.cuda.get_rng_state() if device == "cuda" else None
        self.buffers = [buffer.clone() for buffer in model.buffers()]

    def restore(self) -> None:
        """Put them back."""
        torch.set_rng_state(self.random)
        if self.random_there is not None:
            torch.cuda.set_rng_state(self.random_there)
        for buffer, before in zip(self.model.buffers(), self.buffers, strict=True):
            buffer.copy_(before)


def require_alike(
    found: Sequence[Tensor | None], expected: Sequence[Tensor | None], *, rounding: float = 1e-4
) -> None:
    """Raise if gradients are not those that were expected, but for rounding.

    torch 2.11 compiles away the gradient of a function of one's own that works in place, and says
    nothing; whatever the next fault of this kind is, it shall not train a model.

    Arguments:
        found: Gradients, or None where there is none.
        expected: What they should be.
        rounding: What rounding leaves, as a share of all of them.

    Raises:
        RuntimeError: saying how far off they are.

    Example:
        >>> require_alike([torch.ones(2)], [torch.full((2,), 1.01)])
        >>> require_alike([None], [torch.ones(2)])
        Traceback (most recent call last):
            ...
        RuntimeError: its gradient is off by 100% from that of the step as it is written
    """
    both = [(f, e) for f, e in zip(found, expected, strict=True) if f is not e]
    if not both:
        return
    sizes = torch.stack([_norm(e) for _, e in both])
    off = torch.stack([_norm(_less(f, e)) for f, e in both])
    allowed = _OWN * sizes + rounding * sizes.norm()
    if not bool((off <= allowed).all()):  # and what is no number is not alike
        share = float(off.norm() / sizes.norm())
        raise RuntimeError(
            f"its gradient is off by {share:.0%} from that of the step as it is written"
        )


def _norm(gradient: Tensor | None) -> Tensor:
    return torch.zeros(()) if gradient is None else gradient.detach().double().norm().cpu()


def _less(found: Tensor | None, expected: Tensor | None) -> Tensor | None:
    if found is None or expected is None:
        return expected if found is None else found
    return found - expected


def first_line(error: Exception) -> str:
    r"""Return the kind of an error and the first line of what it says.

    Example:
        >>> first_line(ValueError("one\ntwo"))
        'ValueError: one'
    """
    return f"{type(error).__name__}: {''.join(str(error).strip().splitlines()[:1])}"
