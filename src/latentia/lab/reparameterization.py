"""The reparameterization trick: the same draws, and gradients that can be learned from."""

from __future__ import annotations

from typing import Any, final

import numpy as np
import numpy.typing as npt
import torch
from matplotlib.figure import Figure
from scipy import stats
from torch.distributions import Distribution, Normal

from latentia.errors import UsageError
from latentia.figure import _style
from latentia.lab._bench import Bench
from latentia.lab._direct import corrected, direct, p_values
from latentia.lab._gradients import Gradients, gradients, integrated
from latentia.lab.base import Check, Experiment, Finding
from latentia.rng import seeded

__all__ = ["Reparameterization"]

Array = npt.NDArray[Any]

# Share of the bench's steps that each of the models is trained for: one for each L.
_SHARE = 0.25
_BATCHES = (1, 4, 16, 64, 256)
_REPEATS = 400
# For the test of equal laws: images, and draws for each by either way.
_FEW, _MANY = 10, 10_000
# How much wider the sigma is with which the test of equality is tested itself.
_WIDER = 1.1
# How much longer the gradients are with which the test of equal expectations is tested itself, and
# the comparison that is too noisy to see it: without a baseline it tells nothing but gross errors.
_LONGER = 1.2
_BLIND = "score and integral, 2 latents"
# Level of every test.
_LEVEL = 0.01


@final
class Reparameterization(Experiment):
    r"""z = mu + sigma*eps is drawn like z itself, and its gradient varies less than the score's.

    .. math:: \nabla E_q[f(z)] = E_\varepsilon[\nabla f(\mu + \sigma \varepsilon)]
        = E_q[(f(z) - b) \nabla \log q(z)]

    The encoder's own q(z|x) for test digits. The direct draw is made by rejection under the
    density of q. The gradient is that of E_q[log p(x|z)] in mu / sigma and log sigma of one
    digit's q, one draw of z; the KL has a closed form and no variance. The baseline b is the mean
    of log p(x|z) over all other draws for the same digit, or, within a batch of one draw each,
    over the other digits. One model for each number of latents, trained for a quarter of the
    bench's steps.

    Both tests of equality are tested themselves. A sigma 10% too wide must be noticed, and
    gradients 20% too long must be by every comparison but that of the plain score. 20% is what
    they can be asked to see: where the ELBO is stationary, the gradient of E_q[log p(x|z)] in
    log sigma is that of the KL, sigma^2 - 1: about -1 nat for every latent that is used.
    Then 20% are 0.2 nats, and the mean over 100 images and 200 draws by the score with its
    baseline has an error of 0.04 to 0.05: four or five standard errors in every such latent,
    where about four in one of them are refused at this level.

    Arguments:
        n: Test images.
        draws: Draws of z for each image.
        latents: Numbers of latents, one model each; the smallest must be 2, which a grid covers.

    References:
        Kingma and Welling, "Auto-encoding variational Bayes", 2014; Williams, "Simple statistical
        gradient-following algorithms for connectionist reinforcement learning", 1992.

    Example:
        >>> Reparameterization(n=20).latents
        (2, 5, 10, 20)
    """

    def __init__(
        self, *, n: int = 100, draws: int = 200, latents: tuple[int, ...] = (2, 5, 10, 20)
    ) -> None:
        if n < 2 or draws < 10 or not latents or min(latents) != 2:
            raise UsageError(
                f"There is no variance or no exact gradient with n={n}, draws={draws}, "
                f"latents={latents}.",
                where="--reparameterization.n, --reparameterization.draws, "
                "--reparameterization.latents",
                how="Use at least two images and ten draws, and begin the latents with 2.",
            )
        self.n, self.draws, self.latents = n, draws, tuple(sorted(set(latents)))

    def run(self, bench: Bench) -> Finding:
        """Compare draws and gradients for each number of latents."""
        x = bench.draw(bench.some(self.n).x)
        found: dict[int, Gradients] = {}
        for latents in self.latents:
            estimator = bench.model(n_components=latents, max_epochs=bench.epochs(share=_SHARE))
            model = estimator.model_
            with torch.no_grad():
                q, few = model.posterior(x), model.posterior(x[:_FEW])
            with seeded(bench.seed, 6, latents):
                found[latents] = gradients(model, q, x, self.draws)
            if latents == 2:
                exact = integrated(model, q, x)
        drawn = _same(few, bench.seed)  # of the largest model
        unbiased, longer = (_biases(found, exact, times) for times in (1.0, _LONGER))
        ratios = {latents: _ratios(each, bench.seed) for latents, each in found.items()}
        batches = {
            latents: _by_batch(each, np.random.default_rng([bench.seed, 6, 2, latents]))
            for latents, each in found.items()
        }
        checks = _checks(drawn, unbiased, longer, ratios, batches)
        numbers = {
            "n": len(x),
            "draws": self.draws,
            "distribution": {name: _of_p(p) for name, p in drawn.items()},
            "p_of_equal_expectations": unbiased,
            "p_of_gradients_too_long": longer,
            "slope_on_the_exact_gradient": _slope(found[2], exact),
            "variance_ratio_by_latents": ratios,
            "variance_by_batch": batches,
        }
        return Finding(checks, numbers, {"p": drawn})

    def draw(self, finding: Finding) -> Figure:
        """Draw the p values of both tests, and the variances by latents and by batch."""
        figure = _style.new_figure(2.9)
        panels: Any = figure.subplots(1, 3)
        left, middle, right = panels
        _draw_p(left, finding.picture["p"])
        ratios = finding.numbers["variance_ratio_by_latents"]
        for name, label, colour, marker in _SCORES:
            value = [each[name]["ratio"] for each in ratios.values()]
            bar = [2 * each[name]["error"] for each in ratios.values()]
            middle.errorbar([*ratios], value, bar, color=colour, marker=marker, label=label)
        middle.axhline(1, color=_style.ACCENT)
        middle.set(xlabel="latents", ylabel="variance ratio", yscale="log")
        middle.set_xticks([*ratios])
        latents = max(finding.numbers["variance_by_batch"])
        batches = finding.numbers["variance_by_batch"][latents]
        for name, label, colour, marker in (_PATH, *_SCORES):
            known = {size: each[name] for size, each in batches.items() if each[name] is not None}
            right.plot([*known], [*known.values()], color=colour, marker=marker, label=label)
        right.set(xscale="log", yscale="log", xlabel="digits in a batch")
        right.set_title(f"{latents} latents")
        right.set_ylabel("variance (nats²)")
        right.set_xticks(_BATCHES, [str(size) for size in _BATCHES])
        right.minorticks_off()
        figure.legend(*right.get_legend_handles_labels(), loc="outside upper right", ncols=3)
        for ax in panels:
            _style.bounded(ax)
        return figure


_PATH = ("path", "reparameterized", _style.ACCENT, "o")
_SCORES = (
    ("score_baseline", "score function, baseline", _style.PALETTE[2], "s"),
    ("score", "score function", _style.SECOND, "^"),
)


def _draw_p(ax: Any, drawn: dict[str, Array]) -> None:
    """Draw the shares of p values below any p; where the law is the same, the diagonal."""
    names = {"right": "μ + σε", "wider": f"μ + {_WIDER:g}σε"}
    for (key, name), colour in zip(names.items(), (_style.ACCENT, _style.SECOND), strict=True):
        p = np.sort(drawn[key], axis=None)
        ax.plot(p, np.arange(1, len(p) + 1) / len(p), color=colour, label=name)
    ax.plot([0, 1], [0, 1], color=_style.INK, linewidth=0.8, linestyle="--")
    ax.set(xlabel="p against a direct draw", ylabel="share of tests below p")
    ax.legend(loc="lower right", title="drawn as", borderpad=0, handlelength=1.2)


def _same(q: Distribution, seed: int) -> dict[str, Array]:
    """Return the p values of a test of equality, with the right sigma and with a wider one."""
    rng = np.random.default_rng([seed, 6, 1])
    wide = Normal(q.mean, _WIDER * q.stddev)
    against = direct(q, _MANY, rng)
    with seeded(seed, 6, 1), torch.no_grad():
        right, wrong = (each.rsample(torch.Size([_MANY])).double().numpy() for each in (q, wide))
    return {"right": p_values(right, against, rng), "wider": p_values(wrong, against, rng)}


def _of_p(p: Array) -> dict[str, float]:
    return {
        "tests": p.size,
        "smallest_corrected": corrected(p),
        "share_below_0.05": float(np.mean(p < 0.05)),
    }


def _biases(found: dict[int, Gradients], exact: Array, times: float) -> dict[str, float]:
    """Return p values of equal expectations: of each with the integral, and of both.

    Arguments:
        found: Gradients by number of latents.
        exact: The integral for 2 latents, (n, 4), nats.
        times: By what the gradients that are compared are multiplied: 1 for the test itself.
    """
    two = found[2]
    against = {
        "path and integral, 2 latents": times * two.path.mean(0) - exact,
        _BLIND: times * two.by_score(baseline=False).mean(0) - exact,
        "score with baseline and integral, 2 latents": (
            times * two.by_score(baseline=True).mean(0) - exact
        ),
    }
    for latents, each in found.items():
        gap = each.by_score(baseline=True) - times * each.path
        against[f"both, {latents} latents"] = gap.mean(0)
    return {name: corrected(stats.ttest_1samp(gap, 0).pvalue) for name, gap in against.items()}


def _slope(two: Gradients, exact: Array) -> dict[str, float]:
    """Return the slope of reparameterized gradients on the exact ones, and its error."""
    fit = stats.linregress(exact.ravel(), two.path.mean(0).ravel())
    return {"slope": float(fit.slope), "error": float(fit.stderr)}


def _variance(gradients: Array) -> Array:
    """Return the variance over draws, summed over parameters, of each example, (n,)."""
    total: Array = gradients.var(0, ddof=1).sum(-1)
    return total


def _ratios(each: Gradients, seed: int) -> dict[str, dict[str, float]]:
    """Return how many times the score function's variance is that of the path's."""
    path = _variance(each.path)
    rows = np.random.default_rng([seed, 6, 3]).integers(0, len(path), (200, len(path)))
    found = {}
    for name, baseline in (("score", False), ("score_baseline", True)):
        score = _variance(each.by_score(baseline=baseline))
        boot = score[rows].mean(1) / path[rows].mean(1)
        found[name] = {
            "ratio": float(score.mean() / path.mean()),
            "error": float(boot.std(ddof=1)),
        }
    return found


def _by_batch(each: Gradients, rng: np.random.Generator) -> dict[int, dict[str, float | None]]:
    """Return the variance of a batch's mean gradient by its size; one draw for each digit."""
    draws, n = each.log_px_z.shape
    found: dict[int, dict[str, float | None]] = {}
    for size in _BATCHES:
        place = rng.integers(0, draws, (_REPEATS, size)), rng.integers(0, n, (_REPEATS, size))
        f, score, shared = each.log_px_z[place], each.score[place], each.kl[place[1]]
        batch = {"path": each.path[place], "score": f[..., None] * score}
        if size > 1:
            others = (f.sum(1, keepdims=True) - f) / (size - 1)
            batch["score_baseline"] = (f - others)[..., None] * score
        of = {name: (part + shared).mean(1) for name, part in batch.items()}
        found[size] = {"score_baseline": None} | {
            name: float(part.var(0, ddof=1).sum()) for name, part in of.items()
        }
    return found


def _checks(
    drawn: dict[str, Array],
    unbiased: dict[str, float],
    longer: dict[str, float],
    ratios: dict[int, dict[str, dict[str, float]]],
    batches: dict[int, dict[int, dict[str, float | None]]],
) -> tuple[Check, ...]:
    least = min(
        (each["score_baseline"] for each in ratios.values()), key=lambda each: each["ratio"]
    )
    by_batch = [
        score / path
        for each in batches.values()
        for of in each.values()
        if (score := of["score_baseline"]) is not None and (path := of["path"]) is not None
    ]
    seen = [p for name, p in longer.items() if name != _BLIND]
    return (
        Check(
            "smallest p value (corrected) of equal distributions, mu + sigma*eps and direct draws",
            *(corrected(drawn["right"]), ">", _LEVEL),
        ),
        Check(
            f"the same for a sigma {_WIDER - 1:.0%} too wide, which the test must notice",
            *(corrected(drawn["wider"]), "<", _LEVEL),
        ),
        Check(
            "smallest p value (corrected) of equal expectations of the gradients",
            *(corrected(np.array([*unbiased.values()])), ">", _LEVEL),
        ),
        Check(
            f"the largest for gradients {_LONGER - 1:.0%} too long, which all comparisons but the "
            "plain score's must notice",
            # Corrected like the test that it is to show the power of.
            *(min(1.0, max(seen) * len(unbiased)), "<", _LEVEL),
        ),
        Check(
            "variance by the score with a baseline over that by reparameterization, least of all",
            *(least["ratio"], ">", 1.0),
            error=least["error"],
        ),
        Check(
            "the same between batches of one draw for each digit, least of all sizes",
            *(min(by_batch), ">", 1.0),
            # The variance of a variance of R normal numbers is 2 / (R - 1) of its square.
            error=min(by_batch) * 2 / (_REPEATS - 1) ** 0.5,
        ),
    )
