"""From a schema to a model: what was chosen, why, and how to build the same model again."""

from __future__ import annotations

from math import prod
from numbers import Integral
from typing import Any, Literal, NamedTuple, get_args

import torch
from pydantic import BaseModel, ConfigDict

from latentia import room
from latentia.data import Schema
from latentia.errors import UsageError
from latentia.likelihood.base import Likelihood
from latentia.model import LatentVariableModel
from latentia.rng import seeded
from latentia.view import Binarize, Examples, Kind, View

__all__ = [
    "Design",
    "Wishes",
    "assemble",
    "decide",
    "describes_data",
    "is_autoencoder",
    "is_whole",
    "start_at_data",
    "with_name",
]

Component = str | dict[str, Any]

# Mean of 4p(1-p) below which grey pixels are mostly ink or paper: MNIST has 0.08, garments 0.32,
# photographs about 0.8.
_INK = 0.5


class Design(BaseModel):
    """Everything from which a model is built again, with no data and no other file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    x_shape: tuple[int, ...]
    kind: Kind
    binarize: Binarize
    latent_dim: int
    network: dict[str, Any]
    posterior: dict[str, Any]
    prior: dict[str, Any]
    likelihood: dict[str, Any]

    @property
    def view(self) -> View:
        """How stored examples become the model's x."""
        return View(self.kind, self.binarize)


class Wishes(NamedTuple):
    """What the user asked for; `auto` leaves the choice to the data.

    Arguments:
        latent_dim: L, or `auto`.
        network: A member of the network room, or `auto`.
        posterior: A member of the posterior room.
        prior: A member of the prior room.
        likelihood: A member of the likelihood room, or `auto`.
        binarize: How grey values are binarized, or `auto`.
    """

    latent_dim: int | Literal["auto"] = "auto"
    network: Component = "auto"
    posterior: Component = "gaussian"
    prior: Component = "standard-normal"
    likelihood: Component = "auto"
    binarize: Binarize | Literal["auto"] = "auto"


def decide(schema: Schema, wishes: Wishes) -> tuple[Design, list[str]]:
    """Complete the user's wishes from the data's schema.

    Arguments:
        schema: What the data are.
        wishes: What was asked for.

    Returns:
        The design, and a sentence for every choice that says why.

    Raises:
        UsageError: if a wish cannot be fulfilled on these data.
    """
    for name in ("network", "posterior", "prior", "likelihood"):
        _require_component(name, getattr(wishes, name))
    likelihood, why_likelihood = _likelihood(schema, wishes.likelihood)
    network, why_network = _network(schema, wishes.network)
    latent_dim, why_latents = _latent_dim(schema, wishes.latent_dim)
    binarize, why_binarize = _binarize(schema, likelihood["name"], wishes.binarize)
    _require_partners(wishes)
    posterior = room.spec("posterior", with_name(wishes.posterior, Wishes().posterior))
    prior = room.spec("prior", with_name(wishes.prior, Wishes().prior))
    reasons = [
        f"likelihood  {likelihood['name']}: {why_likelihood}",
        f"binarize    {binarize}: {why_binarize}",
        f"network     {network['name']}: {why_network}",
        f"latents     {latent_dim}: {why_latents}",
        f"posterior   {posterior['name']}, prior {prior['name']}",
    ]
    design = Design(
        x_shape=schema.model_shape,
        kind=schema.kind,
        binarize=binarize,
        latent_dim=latent_dim,
        network=network,
        posterior=posterior,
        prior=prior,
        likelihood=likelihood,
    )
    return design, reasons


def assemble(design: Design, *, seed: int = 0) -> LatentVariableModel:
    """Build an untrained model.

    Arguments:
        design: What to build.
        seed: Seed of its random weights.
    """
    offer: dict[str, Any] = {
        "network": room.build("network", design.network),
        "x_shape": design.x_shape,
        "latent_dim": design.latent_dim,
    }
    with seeded(seed):
        posterior = room.build("posterior", design.posterior, **offer)
        offer["posterior"] = posterior
        prior = room.build("prior", design.prior, **offer)
        likelihood = room.build("likelihood", design.likelihood, **offer)
    return LatentVariableModel(posterior, prior, likelihood)


def start_at_data(model: LatentVariableModel, train: Examples) -> None:
    """Let an untrained model start at the training data's marginals.

    The decoder's bias becomes the training mean's (its logit for a Bernoulli). The encoder sees
    centred pixels, and columns of a table in units of their standard deviation, in which a
    likelihood of real numbers works too: the unit of measurement makes no difference.
    """
    mean, std = train.moments()
    table = train.view.kind in ("unit", "real") and len(train.x_shape) == 1
    one = std.new_ones(std.shape)
    unit = torch.where(std > 0, std, one) if table or train.view.kind == "real" else one
    model.posterior.standardize.fit(mean, unit)
    if table or train.view.kind == "real":
        model.likelihood.standardize(mean, unit)
    model.likelihood.initialise(mean, std)


def is_autoencoder(wishes: Wishes) -> bool:
    """Say whether the posterior is a point and the prior improper: no VAE, but an autoencoder."""
    posterior = with_name(wishes.posterior, Wishes().posterior)["name"]
    return not room.load("posterior", posterior).has_density


def _require_partners(wishes: Wishes) -> None:
    """Refuse a point for a posterior under a proper prior, or the reverse."""
    prior = with_name(wishes.prior, Wishes().prior)["name"]
    if is_autoencoder(wishes) == room.load("prior", prior).is_proper:
        posterior = with_name(wishes.posterior, Wishes().posterior)["name"]
        raise UsageError(
            f"A posterior {posterior} and a prior {prior} have no finite divergence.",
            where="--posterior, --prior",
            how="An autoencoder is `--posterior dirac --prior flat`; a VAE has neither.",
        )


def describes_data(model: LatentVariableModel, view: View) -> str:
    """Return why the model's numbers are no likelihood of the data, or nothing if they are."""
    if not model.posterior.has_density:
        return "the posterior is a point mass, so the bound is a reconstruction and bounds nothing"
    if not model.prior.is_proper:
        return "the prior does not integrate to one"
    if view.support not in model.likelihood.describes:
        name = type(model.likelihood).__name__
        return _NO_DENSITY[view.support].format(name=name)
    return ""


_NO_DENSITY = {
    "binary": "a {name} is no probability of black-and-white data",
    "levels": "a {name} is no density of grey levels, so this is their cross-entropy",
    "unit": "a {name} is no density of values in [0, 1]; of a Bernoulli it is the cross-entropy",
    "real": "a {name} is no density of real numbers",
}


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


def _require_component(name: str, wish: object) -> None:
    if not isinstance(wish, str | dict):
        raise UsageError(
            f"{wish!r} is no {name}.",
            where=f"--{name}",
            how="Give a name, or a dictionary with a name and options.",
        )


def _likelihood(schema: Schema, wish: Component) -> tuple[dict[str, Any], str]:
    asked = {} if wish == "auto" else with_name(wish, "auto")
    if asked.get("name", "auto") != "auto":
        return _checked(schema, room.spec("likelihood", asked)), "as asked"
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
    return {"name": "gaussian", "sigma": "learned"}, "real numbers; a sigma for every column"


def _checked(schema: Schema, spec: dict[str, Any]) -> dict[str, Any]:
    """Refuse what cannot even be computed: a Bernoulli or levels on real numbers."""
    cls: type[Likelihood] = room.load("likelihood", spec["name"])
    if schema.kind == "real" and "real" not in cls.describes:
        raise UsageError(
            f"A {spec['name']} likelihood needs values within [0, 1]; "
            f"these data go from {schema.low:.4g} to {schema.high:.4g}.",
            where=f"--likelihood {spec['name']}",
            how="Use --likelihood gaussian, or rescale the data to [0, 1].",
        )
    return spec


def _network(schema: Schema, wish: Component) -> tuple[dict[str, Any], str]:
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


def _latent_dim(schema: Schema, wish: int | Literal["auto"]) -> tuple[int, str]:
    if wish != "auto":
        if not is_whole(wish) or wish < 1:
            raise UsageError(
                f"A model needs at least one latent, and a whole number, not {wish!r}.",
                where="--latent-dim",
            )
        return wish, "as asked"
    if not schema.is_image:
        columns = prod(schema.model_shape)
        return max(1, min(10, columns // 2)), f"half of {columns} columns, at most 10"
    if schema.model_shape[0] == 1 and prod(schema.model_shape) <= 32 * 32:
        return 2, "a plane that one can look at; --latent-dim 20 reconstructs better"
    return 32, "enough for large or coloured images"


def _binarize(
    schema: Schema, likelihood: str, wish: Binarize | Literal["auto"]
) -> tuple[Binarize, str]:
    if wish != "auto":
        if wish not in get_args(Binarize):
            raise UsageError(
                f"There is no binarization {wish!r}.",
                where="--binarize",
                how=f"Choose one of: {', '.join(get_args(Binarize))}.",
            )
        View(schema.kind, wish)  # refuses what cannot be
        return wish, "as asked"
    if likelihood == "bernoulli" and schema.kind in ("bytes", "unit"):
        return "dynamic", "x = [u < pixel] drawn anew at every read, so that nats are a likelihood"
    return "none", "the values are modelled as they are"
