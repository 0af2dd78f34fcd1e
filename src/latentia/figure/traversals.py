"""Traversals: what changes as one latent changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, final

import numpy as np

from latentia import picture
from latentia.figure import _columns, _grid, _map, _style
from latentia.figure.base import Array, Plot, Subject

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["Traversals"]


@final
class Traversals(Plot):
    """Decodes as one latent goes from -3 to 3, most used latent first.

    Arguments:
        n: At most how many latents.
        steps: How many values of each latent.
        example: The test example whose posterior mean holds the other latents; -1 holds them at 0.
        reach: How far the latent goes either way, in prior standard deviations.
    """

    least: ClassVar = {"steps": 2, "example": -1}

    def __init__(
        self, *, n: int = 10, steps: int = 11, example: int = 0, reach: float = 3.0
    ) -> None:
        self.n, self.steps, self.example, self.reach = n, steps, example, reach

    @property
    def decodes(self) -> bool:
        """Yes."""
        return True

    def reason_not(self, subject: Subject) -> str:
        """Ask for an example to start from."""
        if subject.space == "one-hot":
            return "latents are choices of one of several, and none of them moves by itself"
        last = len(subject.test_x) - 1
        if self.example <= last:
            return ""
        return (
            f"there is no test example {self.example}; they are numbered 0 to {last}, and -1 "
            "holds the other latents at 0"
        )

    def compose(self, subject: Subject) -> Figure:
        """Draw rows of pictures, or lines for each column of a table."""
        use = _map.order(subject.model, subject.test_x[:1000])
        form = "{:.2f} nats" if use.by == "mean KL" else "var. {:.2f}"
        names = [
            f"$z_{{{d + 1}}}$: {form.format(amount)}"
            for d, amount in zip(use.latents[: self.n], use.amount, strict=False)
        ]
        decoded = self._decoded(subject, use.latents[: self.n])
        if subject.is_image:
            return self._pictures(subject, decoded, names, self._note(subject, use.by))
        return self._lines(subject, decoded, names, self._note(subject, use.by))

    def _values(self, subject: Subject) -> Array:
        low, high = (0.0, 1.0) if subject.space == "binary" else (-self.reach, self.reach)
        values: Array = np.linspace(low, high, self.steps)
        return values

    def _decoded(self, subject: Subject, latents: Array) -> Array:
        """Return the decodes (latents, steps, *shape) in one call of the decoder."""
        model, normal = subject.model, subject.has_normal_prior
        codes = np.asarray(model.transform(subject.test_x[:1000]))
        spread = np.ones(codes.shape[1]) if normal else codes.std(axis=0)
        centre = np.zeros(codes.shape[1]) if normal else codes.mean(axis=0)
        base = centre
        if self.example >= 0:
            base = np.asarray(model.transform(subject.test_x[self.example][None]))[0]
        z = np.tile(base, (len(latents), self.steps, 1))
        for row, d in enumerate(latents):
            values = self._values(subject)
            z[row, :, d] = values if subject.space == "binary" else centre[d] + spread[d] * values
        decoded = np.asarray(model.inverse_transform(z.reshape(-1, codes.shape[1])))
        return decoded.reshape(len(latents), self.steps, *decoded.shape[1:])

    def _note(self, subject: Subject, by: str) -> str:
        normal = subject.has_normal_prior
        held = "at zero" if normal else "at the codes' mean"
        if self.example >= 0:
            held = f"as in test example {self.example}"
        if subject.space == "binary":
            way = "goes from 0 to 1"
        else:
            unit = "prior standard deviations" if normal else "standard deviations of the codes"
            way = f"moves, in {unit}"
        return (
            f"{subject.shows[1]} as one latent {way}, the others {held}. Latents by {by}."
            f"{subject.under('')}"
        )

    def _pictures(self, subject: Subject, decoded: Array, names: list[str], note: str) -> Figure:
        figure, _ = _grid.grid_figure(
            np.stack([picture.unit(row, subject.span) for row in decoded]),
            cmap=picture.tone(subject.test_x, subject.span),
            row_labels=names,
            column_labels=self._labels(subject),
            column_title="z" if subject.space == "binary" else "std. dev.",
            heading=(subject.title, note),
        )
        return figure

    def _labels(self, subject: Subject) -> list[str]:
        form = ".1f" if subject.space == "binary" else "+.1f"
        return [_style.number(v, form) if v else "0" for v in self._values(subject)]

    def _lines(self, subject: Subject, decoded: Array, names: list[str], note: str) -> Figure:
        columns = subject.columns(6)
        data = subject.test_x.reshape(len(subject.test_x), -1)[:, : len(columns)].astype(float)
        spread = np.nanstd(data, axis=0)
        flat = decoded.reshape(len(decoded), self.steps, -1)[..., : len(columns)]
        scaled = (flat - np.nanmean(data, axis=0)) / np.where(spread > 0, spread, 1.0)
        figure, axes = _columns.panels(
            names[:9],
            across=_map.axis_label(None, normal=subject.has_normal_prior),
            up=f"{subject.shows[1]} (std. dev.)",
        )
        for ax, lines in zip(axes, scaled, strict=False):
            for j, name in enumerate(columns):
                ax.plot(
                    self._values(subject), lines[:, j], color=_style.PALETTE[j], label=name,
                    marker=_style.MARKERS[j], ms=3.5, markevery=2,
                )  # fmt: skip
            ax.set_ylim(scaled.min() - 0.2, scaled.max() + 0.2)
        figure.legend(*axes[0].get_legend_handles_labels(), loc="outside right center")
        note = f"{note[:-1]}; up, in each column's standard deviations from its mean."
        note += subject.columns_note(6)
        _style.heading(figure, subject.title, note)
        return figure
