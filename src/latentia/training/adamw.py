"""Adam with decoupled weight decay, as torch's fused kernel computes it and little around it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import final

import torch
from torch import Tensor

__all__ = ["AdamW"]

_BETAS, _EPSILON = (0.9, 0.999), 1e-8


@final
class AdamW:
    r"""Adam with decoupled weight decay.

    .. math:: m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad
        v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad
        w \leftarrow (1 - \eta \lambda) w
        - \eta\, \frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + 10^{-8}}

    The arithmetic is one call of torch's own kernel for all parameters. `torch.optim` would make
    the same call, but looks at a hundred things first (0.1 ms a step), and to be used at all it
    imports torch's compiler (two seconds).

    Arguments:
        parameters: What is trained, in place.
        weight_decay: lambda.
        betas: Of the means of g and of g^2.
        average: Decay of the running mean of the weights, or None for none. The first steps decay
            faster, by (1 + t) / (10 + t), so that the mean is never mostly of where it began.
        others: What else has a mean, such as buffers that follow the weights.

    References:
        Kingma and Ba, "Adam", 2015; Loshchilov and Hutter, "Decoupled weight decay
        regularization", 2019.

    Example:
        >>> w = torch.ones(1, requires_grad=True)
        >>> w.square().sum().backward()
        >>> AdamW([w]).step(0.1)
        >>> w
        tensor([0.9000], requires_grad=True)
    """

    def __init__(
        self,
        parameters: Sequence[Tensor],
        *,
        weight_decay: float = 0.0,
        betas: tuple[float, float] = _BETAS,
        average: float | None = None,
        others: Sequence[Tensor] = (),
    ) -> None:
        self.parameters, self.weight_decay = list(parameters), weight_decay
        self.betas = betas
        self.average, self._moving = average, [*self.parameters, *others]
        self._mean = [] if average is None else [each.detach().clone() for each in self._moving]
        self._taken = torch.zeros((), device=self.parameters[0].device)
        self._first = [torch.zeros_like(p) for p in self.parameters]
        self._second = [torch.zeros_like(p) for p in self.parameters]
        self._steps = [torch.zeros((), device=p.device) for p in self.parameters]

    @torch.no_grad()
    def step(self, rate: float | Tensor, *, skip: Tensor | None = None) -> None:
        """Move the parameters that have a gradient.

        Arguments:
            rate: eta, the learning rate; a tensor () where the parameters are on a GPU.
            skip: 1 where the step is not to be taken after all, else 0, (); never waited for.
        """
        found = {i: p.grad for i, p in enumerate(self.parameters) if p.grad is not None}
        if not found:
            return
        used = [*found]
        steps = [self._steps[i] for i in used]
        torch._foreach_add_(steps, 1)
        torch._fused_adamw_(
            [self.parameters[i] for i in used],
            [*found.values()],
            [self._first[i] for i in used],
            [self._second[i] for i in used],
            [],
            steps,
            lr=rate,
            beta1=self.betas[0],
            beta2=self.betas[1],
            weight_decay=self.weight_decay,
            eps=_EPSILON,
            amsgrad=False,
            maximize=False,
            found_inf=skip,
        )
        if skip is not None:
            torch._foreach_sub_(steps, [skip] * len(steps))
        if self.average is not None:
            self._follow(self.average)

    def _follow(self, decay: float) -> None:
        """Let the means follow; the count of steps is a tensor, for steps that are recorded."""
        self._taken.add_(1)
        share = 1 - ((1 + self._taken) / (10 + self._taken)).clamp(max=decay)
        away = torch._foreach_sub([each.detach() for each in self._moving], self._mean)
        torch._foreach_mul_(away, share)
        torch._foreach_add_(self._mean, away)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """Within the block the parameters are their running mean, where one is kept."""
        if self.average is None:
            yield
            return
        own = [each.detach().clone() for each in self._moving]
        self._become(self._mean)
        try:
            yield
        finally:
            self._become(own)

    @torch.no_grad()
    def _become(self, values: Sequence[Tensor]) -> None:
        torch._foreach_copy_(self._moving, list(values))

    def tensors(self) -> dict[str, Tensor]:
        """Return m, v, t and the running mean of every parameter, by its number: `3.exp_avg`."""
        slots = {"exp_avg": self._first, "exp_avg_sq": self._second, "step": self._steps}
        kept = {
            f"{i}.{name}": slot[i]
            for i in range(len(self.parameters))
            for name, slot in slots.items()
        }
        if self._mean:
            kept |= {f"{i}.mean": mean for i, mean in enumerate(self._mean)}
            kept["0.taken"] = self._taken
        return kept

    @torch.no_grad()
    def restore(self, tensors: dict[str, Tensor]) -> None:
        """Take back what `tensors` returned."""
        for key, own in self.tensors().items():
            if key in tensors:  # nothing is kept of a parameter that never had a gradient
                own.copy_(tensors[key])
