"""The KL spectrum: how much each latent is used."""

from __future__ import annotations

from typing import TYPE_CHECKING, final

import numpy as np

from latentia.figure import _map, _style
from latentia.figure.base import Plot, Subject

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["KlSpectrum"]


@final
class KlSpectrum(Plot):
    """Mean KL of each latent in nats, sorted, with a threshold for those that tell something.

    Arguments:
        threshold: The KL in nats above which a latent tells something.
        n: At most how many examples are averaged.
        log: Whether the KL has a logarithmic axis, which shows collapsed latents apart.
    """

    def __init__(self, *, threshold: float = 0.01, n: int = 1000, log: bool = False) -> None:
        self.threshold, self.n, self.log = threshold, n, log

    def reason_not(self, subject: Subject) -> str:
        """Refuse a model without a KL, or whose KL is no sum over latents."""
        if not subject.model.is_generative:
            return "a plain autoencoder has no prior, so no KL"
        if subject.model.elbo(subject.test_x[:1], random_state=0).kl_per_dim is None:
            return f"the KL from the {subject.prior} prior is no sum over latents"
        return ""

    def compose(self, subject: Subject) -> Figure:
        """Draw the bars, those above the threshold in colour."""
        x = subject.test_x[: self.n]
        latents, nats, _ = _map.order(subject.model, x)
        active = int((nats > self.threshold).sum())
        figure = _style.new_figure(3.2)
        ax = figure.add_subplot()
        colours = np.where(nats > self.threshold, _style.ACCENT, "#BDBDBD")
        bars = ax.bar(np.arange(len(nats)), nats, color=colours.tolist(), width=0.7)
        ax.axhline(self.threshold, color=_style.SECOND, lw=1.1, ls=(0, (4, 2)))
        few = len(nats) <= 24
        ax.set_xticks(range(len(nats)) if few else range(0, len(nats), len(nats) // 10))
        if few:
            ax.set_xticklabels([f"$z_{{{d + 1}}}$" for d in latents])
        if len(nats) <= 12:
            ax.bar_label(bars, fmt="%.2f", padding=2, fontsize=9)
        if self.log:
            ax.set_yscale("log")
        else:
            ax.set_ylim(0, 1.14 * max(float(nats.max()), self.threshold))
        margin = 0.6 + max(0, 8 - len(nats)) / 2  # few bars stay slim
        ax.set_xlim(-margin, len(nats) - 1 + margin)
        ax.set(
            xlabel="latent, by KL" if few else "rank of the latent by KL, from 0",
            ylabel="mean KL (nats per example)",
        )
        ax.set_title(
            f"{active} of {len(nats)} latents carry more than {self.threshold:g} nats, "
            f"{nats.sum():.2f} nats in all", loc="left",
        )  # fmt: skip
        ax.tick_params(axis="x", length=0)
        ax.grid(True, axis="y")
        _style.heading(
            figure, subject.title,
            f"Mean of {len(x)} held-out examples. Dashed: {self.threshold:g} nats; "
            "a latent below it tells next to nothing."
            + subject.under("Of z, the mean over classes by q(y|x), without that of the class."),
        )  # fmt: skip
        return figure
