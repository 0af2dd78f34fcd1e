"""What the data choose where the user does not: likelihood, network, latents, binarization."""

from __future__ import annotations

from math import prod
from numbers import Integral
from typing import Any, Literal, get_args

from latentia import room
from latentia.data import Schema
from latentia.errors import UsageError
from latentia.likelihood.base import Likelihood, Support
from latentia.view import Binarize, View

__all__ = [
    "Component",
    "buried_latents",
    "choose_binarize",
    "choose_latent_dim",
    "choose_likelihood",
    "choose_network",
    "is_whole",
    "known_of",
    "with_name",
]

Component = str | dict[str, Any]

# Mean of 4p(1-p) below which grey pixels are mostly ink or paper: MNIST has 0.08, garments 0.32,
# photographs about 0.8.
_INK = 0.5
# The largest standard deviation that values within [0, 1] can have.
_SPREAD = 0.5


def with_name(wish: Component, name: Component) -> dict[str, Any]:
    """Return a wish as a dictionary, with a name where it has only options.

    Example:
        >>> with_name({"hidden": 300}, "mlp")
        {'name': 'mlp', 'hidden': 300}
    """
    if isinstance(wish, str):
        return {"name": wish}
    return {"name": name if isinstance(name, str) else name["name"], **wish}


def is_whole(value: object) -> bool:
    """Whether a value is a whole number; a type in a signature binds nobody."""
    return isinstance(value, Integral)


def choose_likelihood(schema: Schema, wish: Component) -> tuple[dict[str, Any], str]:
    """Return the likelihood's specification, and why it; refuses one that cannot be computed."""
    asked = {} if wish == "auto" else with_name(wish, "auto")
    if asked.get("name", "auto") != "auto":
        return _checked(schema, room.spec("likelihood", asked), asked), "as asked"
    chosen, why = _best_likelihood(schema)
    return room.spec("likelihood", {**chosen, **asked, "name": chosen["name"]}), why


def _best_likelihood(schema: Schema) -> tuple[dict[str, Any], str]:
    if schema.kind == "binary":
        return {"name": "bernoulli"}, "every value is 0 or 1"
    grey = schema.is_image and schema.model_shape[0] == 1 and schema.kind != "real"
    if grey and schema.contrast < _INK:
        why = f"grey pixels that are mostly ink or paper (contrast {schema.contrast:.2f})"
        return {"name": "bernoulli"}, why
    if schema.kind == "bytes":
        why = "8-bit levels with real greys or colours; a probability of the levels themselves"
        return {"name": "discretized-logistic"}, why
    if schema.is_image:
        return {"name": "gaussian"}, "continuous pixels; one sigma fits them all"
    why = "real numbers; a sigma for every column"
    if "counts" in known_of(schema):
        why += " (all of them are whole: negative-binomial, poisson, ordinal or categorical give "
        why += "their probability)"
    return {"name": "gaussian", "sigma": "learned"}, why


def buried_latents(schema: Schema, likelihood: dict[str, Any]) -> str:
    """Return what a fixed sigma costs a VAE where no pixel can spread so far; else nothing.

    Coding a pixel gains at most var / (2 sigma^2) nats, and within [0, 1] var is at most 1/4.

    Arguments:
        schema: What the data are.
        likelihood: The likelihood's whole specification.
    """
    fixed = likelihood.get("sigma") == "fixed" and schema.is_image and schema.kind != "real"
    if not fixed or likelihood["value"] < _SPREAD:
        return ""
    gain = _SPREAD**2 / 2 / likelihood["value"] ** 2
    return (
        f"; but no pixel within [0, 1] spreads by more than {_SPREAD}, so with a sigma of "
        f"{likelihood['value']:g} coding one gains at most {gain:.3g} nats and the KL can leave "
        "latents unused: --likelihood.sigma optimal mends it"
    )


def known_of(schema: Schema) -> frozenset[Support]:
    """Return what is known of the values beyond their kind.

    Example:
        >>> sorted(known_of(Schema("s", "memory", "real", (2,), "vector", high=7.0, whole=True)))
        ['classes', 'counts']
    """
    found: set[Support] = set()
    if schema.kind == "bytes" or schema.offset:
        return frozenset()
    if schema.whole and schema.low >= 0:
        found |= {"counts", "classes"}
    if schema.low > 0:
        found |= {"positive"}
        if schema.high < 1:
            found |= {"open-unit"}
    return frozenset(found)


def _checked(schema: Schema, spec: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot even be computed, and count the classes where nobody did."""
    cls: type[Likelihood] = room.load("likelihood", spec["name"])
    own = cls.describes & set(_NARROW)
    if schema.missing and not cls.factorizes:
        raise UsageError(
            f"{schema.missing:.1%} of the cells are missing, and a likelihood {spec['name']} says "
            "what a cell is given others: none can be left out.",
            where=f"--likelihood {spec['name']}",
            how="Use a likelihood of independent cells, such as bernoulli, or fill the cells.",
        )
    if own and not own & known_of(schema):
        raise UsageError(
            f"A {spec['name']} likelihood needs {_NARROW[min(own)]}; {_found(schema)}.",
            where=f"--likelihood {spec['name']}",
            how="Leave the likelihood out: then the data choose; or give it data of that kind.",
        )
    if "counts" in own and schema.high > _MOST_COUNTED:
        raise UsageError(
            f"The counts go up to {schema.high:.4g}, and float32 tells whole numbers apart up to "
            f"{_MOST_COUNTED:,}.",
            where=f"--likelihood {spec['name']}",
            how="Count in thousands, or use --likelihood log-normal or gaussian.",
        )
    if "classes" in own:
        return _counted(schema, spec, asked)
    if schema.kind == "real" and not own and "real" not in cls.describes:
        raise UsageError(
            f"A {spec['name']} likelihood needs values within [0, 1]; "
            f"these data go from {schema.low:.4g} to {schema.high:.4g}.",
            where=f"--likelihood {spec['name']}",
            how="Use --likelihood gaussian, or rescale the data to [0, 1].",
        )
    return spec


# What a likelihood of less than all real numbers, or all of [0, 1], asks for.
_NARROW: dict[Support, str] = {
    "counts": "counts (whole numbers from 0)",
    "classes": "classes (whole numbers from 0)",
    "positive": "numbers above 0",
    "open-unit": "numbers between 0 and 1, neither of which may occur",
}
_MOST_CLASSES = 1000
_MOST_COUNTED = 1 << 24


def _found(schema: Schema) -> str:
    """Say what the values are instead."""
    if schema.kind == "bytes":
        return "these are read as 8-bit intensities (x.astype(int) makes other numbers of them)"
    if schema.offset:
        return "these are so large that float32 holds only their distance from a column's centre"
    kind = "whole numbers" if schema.whole else "numbers, not all of them whole,"
    return f"these are {kind} from {schema.low:.4g} to {schema.high:.4g}"


def _counted(schema: Schema, spec: dict[str, Any], asked: dict[str, Any]) -> dict[str, Any]:
    """Return a specification with as many classes as there are."""
    there = int(schema.high) + 1
    given = asked.get("classes")
    if given is None and there > _MOST_CLASSES:
        raise UsageError(
            f"The values go up to {schema.high:g}, which would be {there} classes.",
            where=f"--likelihood {spec['name']}",
            how="Use --likelihood poisson or negative-binomial for counts.",
        )
    if given is not None and spec["classes"] < there:
        raise UsageError(
            f"With {spec['classes']} classes the values end at {spec['classes'] - 1}, and these "
            f"data go up to {schema.high:g}.",
            where="--likelihood.classes",
            how=f"Use {there}, or leave it out.",
        )
    return spec if given is not None else {**spec, "classes": there}


def choose_network(schema: Schema, wish: Component) -> tuple[dict[str, Any], str]:
    """Return the network's specification, and why it."""
    asked = {} if wish == "auto" else with_name(wish, "auto")
    if asked.get("name", "auto") != "auto":
        return room.spec("network", asked), "as asked"
    name, why = _best_network(schema)
    return room.spec("network", {**asked, "name": name}), why


def _best_network(schema: Schema) -> tuple[str, str]:
    if not schema.is_image:
        return "mlp", "examples are rows of numbers"
    channels, height, width = schema.model_shape
    size = f"{height}x{width} images with {channels} channel{'s' if channels > 1 else ''}"
    if channels > 1 or height * width > 32 * 32:
        return "conv", size
    return "mlp", f"{size}, small enough for full connections"


def choose_latent_dim(
    schema: Schema, wish: int | Literal["auto"], fixed: int | None = None
) -> tuple[int, str]:
    """Return L, the number of latents, and why so many; `fixed` is what a network must have."""
    if fixed is not None and wish in ("auto", fixed):
        return fixed, "those of all groups"
    if fixed is not None:
        raise UsageError(
            f"This network has {fixed} latents, not {wish}.",
            where=f"--latent-dim {wish}",
            how="Leave it out; --network.groups and --network.width decide.",
        )
    if wish != "auto":
        if not is_whole(wish) or wish < 1:
            raise UsageError(
                f"A model needs at least one latent, and a whole number, not {wish!r}.",
                where=f"--latent-dim {wish}",
                how="Use 1 or more, or leave it out: then the data choose.",
            )
        return wish, "as asked"
    if not schema.is_image:
        columns = prod(schema.model_shape)
        return max(1, min(10, columns // 2)), f"half of {columns} columns, at most 10"
    if schema.model_shape[0] == 1 and prod(schema.model_shape) <= 32 * 32:
        return 2, "a plane that one can look at; --latent-dim 20 reconstructs better"
    return 32, "enough for large or coloured images"


def choose_binarize(
    schema: Schema, likelihood: str, wish: Binarize | Literal["auto"]
) -> tuple[Binarize, str]:
    """Return how grey values are binarized, and why; `likelihood` is the chosen one's name."""
    if wish != "auto":
        if wish not in get_args(Binarize):
            raise UsageError(
                f"There is no binarization {wish!r}.",
                where="--binarize",
                how=f"Choose one of: {', '.join(get_args(Binarize))}.",
            )
        View(schema.kind, wish)  # refuses what cannot be
        return wish, "as asked"
    described = room.load("likelihood", likelihood).describes
    if described == {"binary"} and schema.kind in ("bytes", "unit"):
        return "dynamic", "x = [u < pixel] drawn anew at every read, so that nats are a likelihood"
    return "none", "the values are modelled as they are"
