"""Compare samples with real images: Fréchet distance, precision, recall, density, coverage."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from latentia.errors import UsageError
from latentia.options import component_options, gathered
from latentia.shell import Shell

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    from latentia.command._inputs import Asked, Examples
    from latentia.run import Run

__all__ = ["OPTIONS", "quality"]

OPTIONS = component_options(["feature"])


def quality(
    shell: Shell,
    run: Path,
    data: str | None = None,
    *,
    data_: str | None = None,
    split: Literal["test", "validation"] = "test",
    n: int = 10_000,
    values: Literal["draw", "mean"] = "draw",
    neighbours: int = 5,
    condition: str | None = None,
    data_root: str | None = None,
    **options: Any,
) -> None:
    """Compare samples of RUN with held-out images, and training images with the same.

    What the training images get is the floor: samples of the true law get no better on average.
    All sets are of one size, and all numbers depend on it and on the features, whose name goes
    with them: compare runs at one n. They are no likelihood, and do not see whether samples are
    copies of training images. Numbers of the run's own data, without --condition, are kept in
    RUN and its model card.

    Arguments:
        data_: DATA, as an option: other images; the one half is compared with, the other is the
            floor.
        split: Part of the run's own data that is compared with.
        n: How many of each set, at most.
        values: `draw` samples x ~ p(x|z), beside examples as the model reads them; `mean` takes
            E[x|z], beside examples in grey. Of a cost, which has no p(x|z), both are the decoded
            pictures.
        neighbours: Which neighbour the balls of precision and the others reach to.
        condition: NAME=VALUE,NAME=VALUE: samples of a model of p(x|c) under it, and of all
            images those that it is true of; else samples under the conditions of the images.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
    """
    if n < 1 or neighbours < 1:
        raise UsageError(
            "A number of examples or neighbours is 1 or more.",
            where=f"-n {n} --neighbours {neighbours}",
            how="Leave them out for 10000 and 5.",
        )
    from latentia import room
    from latentia.command._inputs import Asked, open_run, under
    from latentia.command._kept import kept
    from latentia.estimator._quality import kind_of, require_samples_of_images
    from latentia.evaluation.quality import feature_for

    asked = Asked.either(data, data_, split, data_root)
    opened, model = open_run(shell, run)
    require_samples_of_images(model)
    named = {key.replace("__", "."): value for key, value in options.items() if value is not None}
    chosen = gathered(named, ["feature"]).get("feature", {})
    if "name" not in chosen:
        chosen = {"name": feature_for(model.config_.data.request), **chosen}
    feature = room.spec("feature", chosen)
    if condition is not None:
        model = under(model, None, condition)
    sets = _sets(shell, opened, asked, model.condition_)
    if condition is None and model.schema_.conditions and not model.model_.is_open:
        model = model.under(_present(sets))
    found = model.quality(
        sets.real,
        sets.other,
        feature=feature,
        n=n,
        neighbours=neighbours,
        values=values,
        random_state=shell.seed_or_zero,
    )
    numbers = {
        **found.summary(),
        "feature": feature | {"sha256": room.load("feature", feature["name"]).sha256 or None},
        "values": values,
        "kind": kind_of(model, values),
        "condition": condition,
        "data": sets.name,
        "split": sets.split,
        "floor_of": sets.floor,
        "notes": list(sets.notes),
        "run": str(run),
        "seed": shell.seed_or_zero,
    }
    shell.give(numbers, _text(numbers))
    if asked.data is None and condition is None:
        with kept(opened):
            name = f"quality-{asked.split}-{values}-{feature['name']}"
            opened.save_measured(name, numbers)


class _Sets(NamedTuple):
    """Real examples to compare with, with their conditions, and others for the floor."""

    real: npt.NDArray[Any]
    c: npt.NDArray[Any] | None
    other: npt.NDArray[Any]
    name: str
    split: str
    floor: str
    notes: tuple[str, ...]


def _present(sets: _Sets | Examples) -> npt.NDArray[Any]:
    if sets.c is None:
        raise UsageError(
            "This is a model of p(x|c), and these images have no conditions to sample under.",
            where=sets.name,
            how="Give images with their labels, or leave DATA out for the run's own.",
        )
    return sets.c


def _sets(shell: Shell, run: Run, asked: Asked, c: Tensor | None) -> _Sets:
    """Return the run's own part and its training part, or the halves of other data.

    Arguments:
        c: The condition (1, C) that must be true of all images, or None.
    """
    from latentia.command._inputs import examples

    def found(asked: Asked) -> Examples:
        return _true_of(examples(shell, run, asked), c)

    real = found(asked)
    if asked.data is None:
        other, floor = found(asked._replace(split="train")), "training examples"
    else:
        real, other = _halves(real, shell.seed_or_zero)
        floor = "the other half"
    return _Sets(real.x, real.c, other.x, real.name, real.split, floor, real.notes)


def _true_of(found: Examples, c: Tensor | None) -> Examples:
    """Return the examples of which a condition c (1, C) is true; all where there is none.

    Raises:
        UsageError: if it is true of none, or they have no conditions.
    """
    if c is None:
        return found
    import numpy as np

    here = (_present(found) == np.asarray(c.cpu())).all(axis=1)
    if not here.any():
        raise UsageError(
            "Of no image is this condition true, so there is nothing to compare with.",
            where=f"--condition, {found.name}",
            how="Name a value that images have, and of numbers exactly; or leave it out.",
        )
    return found._replace(x=found.x[here], c=_present(found)[here])


def _halves(found: Examples, seed: int) -> tuple[Examples, Examples]:
    import numpy as np

    from latentia.rng import mix

    order = np.random.default_rng(mix(seed, 10)).permutation(len(found.x))
    half = len(order) // 2
    one, other = np.sort(order[:half]), np.sort(order[half:])
    c = None if found.c is None else found.c[one]
    split = "one half"
    return found._replace(x=found.x[one], c=c, split=split), found._replace(x=found.x[other])


def _text(numbers: dict[str, Any]) -> str:
    feature, floor = numbers["feature"], numbers["floor"]
    sha256 = f", sha256 {feature['sha256'][:8]}" if feature["sha256"] else ""
    under = f", all under {numbers['condition']}" if numbers["condition"] else ""
    within = f" +- {numbers['frechet_standard_error']:.{_digits(numbers)}f}"
    head = "".join(f"{word:>11}" for word in ("precision", "recall", "density", "coverage"))
    return "\n".join(
        [
            f"{numbers['data']}, {numbers['split']}: {numbers['n']} {numbers['kind']}{under}",
            f"in the {numbers['dimensions']} features of {feature['name']}{sha256}; balls to "
            f"neighbour {numbers['neighbours']}",
            f"  {'':<18}{'Fréchet^2':>12}{'':<9}{head}",
            _row("samples", numbers, within, numbers),
            _row(f"{numbers['floor_of']}", floor, "", numbers),
            f"  {'one law, expected':<18}{numbers['frechet_bias']:>12.{_digits(numbers)}f}{'':<9}"
            f"{'':>22}{1:>11.3f}{numbers['expected_coverage']:>11.3f}",
            "no likelihood: compare at one n and in one feature, with the floor",
        ]
    )


def _row(name: str, row: dict[str, Any], within: str, numbers: dict[str, Any]) -> str:
    four = (row[key] for key in ("precision", "recall", "density", "coverage"))
    distance = f"{row['frechet_squared']:>12.{_digits(numbers)}f}"
    return f"  {name:<18}{distance}{within:<9}" + "".join(f"{number:>11.3f}" for number in four)


def _digits(numbers: dict[str, Any]) -> int:
    """Return how many digits behind the point tell the floor."""
    from math import floor, log10

    least = numbers["floor"]["frechet_squared"]
    return max(0, 1 - floor(log10(least))) if least > 0 else 3
