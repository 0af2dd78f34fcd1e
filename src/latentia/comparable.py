"""Whether the numbers of two runs may be held against each other, and what speaks against it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from latentia import room

if TYPE_CHECKING:
    from latentia.config import Config

__all__ = ["apart", "footing", "told"]

# What must be the same, and what is said where it is not.
_SAME = {
    "examples": "other data",
    "given": "other conditions c of p(x|c)",
    "parts": "other parts of the data",
    "split": "another split",
    "binarization": "another binarization",
    "is_likelihood": "only one of them is a likelihood",
    "is_mass": "one is a probability, the other a density",
    "unit": "another unit",
    "encodes_points": "one is an autoencoder, which has no q(z|x)",
}
_OLDER = "other data, or a run of a version that kept no hash of x apart from the labels"


def footing(config: Config, split: str) -> dict[str, Any]:
    """Return what the numbers of a run stand on.

    Of data only x has to be the same: a model that sums over classes of which it was told some is
    one of p(x), like a model that knows of none. p(x|c) is not.

    Arguments:
        config: The run's.
        split: What its numbers are about.
    """
    schema = config.data.schema_
    # Where the class is a latent, what is told of an example is no condition of its number.
    given = [] if config.model.partly else [one.name for one in schema.conditions]
    likelihood = room.load("likelihood", config.model.likelihood["name"])
    return {
        # The hashes by which the same examples are known, of which one in common is enough.
        "examples": [schema.sha256, *([] if given else schema.sha256_x)],
        "tells_x": bool(given or schema.sha256_x or not schema.conditions),
        # log p(x|c) is no log p(x).
        "given": given,
        "is_likelihood": not config.no_likelihood,
        "binarization": config.model.binarize,
        # A probability, and a density in some unit, are different things.
        "is_mass": likelihood.is_mass,
        "unit": likelihood.unit,
        "encodes_points": config.estimator == "AutoEncoder",
        "parts": [config.data.n_train, config.data.n_validation, config.data.n_test],
        "split": split,
    }


def apart(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    """Return what two footings differ in, by name; nothing if their numbers can be compared.

    Example:
        >>> here = {"examples": ["a", "b"], "tells_x": True, "unit": "nats", "parts": [8, 1, 1]}
        >>> apart(here, here | {"examples": ["b"], "parts": [7, 2, 1]})
        ['parts']
        >>> apart(here, here | {"examples": ["c"], "tells_x": False})
        ['older']
    """
    keys = [key for key in _SAME if one.get(key) != other.get(key)]
    # Under other conditions another hash follows, and is no news.
    if "given" in keys or set(one["examples"]) & set(other["examples"]):
        keys = [key for key in keys if key != "examples"]
    # A cost is neither a probability nor a density, and that it is one is news enough.
    if not (one.get("is_likelihood", True) and other.get("is_likelihood", True)) and keys[1:]:
        keys = [key for key in keys if key != "is_mass"]
    vague = not (one["tells_x"] and other["tells_x"])
    return ["older" if key == "examples" and vague else key for key in keys]


def told(names: list[str]) -> list[str]:
    """Return in words what two runs differ in.

    Example:
        >>> told(["binarization", "unit"])
        ['another binarization', 'another unit']
    """
    return [_OLDER if name == "older" else _SAME[name] for name in names]
