"""From a schema to a model: what was chosen, why, and how to build the same model again."""

from __future__ import annotations

from typing import Any, Literal, NamedTuple

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor

from latentia import room
from latentia.choice import (
    Component,
    buried_latents,
    choose_binarize,
    choose_latent_dim,
    choose_likelihood,
    choose_network,
    is_whole,
    known_of,
    with_name,
)
from latentia.data import Kind, Schema
from latentia.distribution.space import Space, require_same_choices
from latentia.errors import UsageError
from latentia.labels import Labels
from latentia.likelihood.base import Likelihood, Support
from latentia.model import LatentVariableModel
from latentia.prior.base import Prior
from latentia.rng import mix, seeded
from latentia.view import Binarize, Examples, View

__all__ = [
    "Component",
    "Design",
    "Wishes",
    "assemble",
    "decide",
    "is_autoencoder",
    "is_whole",
    "start_at_data",
    "why_no_likelihood",
    "with_name",
]

# Classes under each of which an example is decoded where its own is unknown.
_MOST_CLASSES = 100


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
    # What is known of the values beyond their kind.
    also: tuple[Support, ...] = ()
    # How many numbers the conditions of p(x|c) are; 0 for p(x).
    c_dim: int = 0
    # Whether c, one of as many classes, is a latent of the examples in which it is unknown.
    partly: bool = False

    @property
    def view(self) -> View:
        """How stored examples become the model's x."""
        return View(self.kind, self.binarize, self.also)


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
    likelihood, why_likelihood = choose_likelihood(schema, wishes.likelihood)
    network, why_network = choose_network(schema, wishes.network)
    wishes = _as_ladder(wishes, network)
    fixed = room.build("network", network).latents(schema.model_shape)
    latent_dim, why_latents = choose_latent_dim(schema, wishes.latent_dim, fixed)
    binarize, why_binarize = choose_binarize(schema, likelihood["name"], wishes.binarize)
    _require_partners(wishes)
    c_dim = sum(condition.width for condition in schema.conditions)
    partly = any(condition.partly for condition in schema.conditions)
    _require_conditions(wishes, c_dim)
    if partly:
        _require_enumerable(wishes, c_dim)
    posterior = room.spec("posterior", with_name(wishes.posterior, Wishes().posterior))
    prior = room.spec("prior", with_name(wishes.prior, Wishes().prior))
    _require_same_choices(posterior, prior, latent_dim)
    if not is_autoencoder(wishes):
        why_likelihood += buried_latents(schema, likelihood)
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
        also=tuple(sorted(known_of(schema))),
        c_dim=c_dim,
        partly=partly,
    )
    if c_dim:
        named = ", ".join(str(condition) for condition in schema.conditions)
        of = "p(x, c), and of p(x) where c is unknown" if partly else "p(x|c)"
        reasons.append(f"conditions  {named}: this is a model of {of}")
    return design, reasons


def _as_ladder(wishes: Wishes, network: dict[str, Any]) -> Wishes:
    """Return the wishes with a ladder's posterior and prior where its network is asked for.

    Raises:
        UsageError: if of network, posterior and prior some are those of a ladder and some not.
    """
    ladder = room.load("network", network["name"]).hierarchical
    for name in ("posterior", "prior"):
        usual = getattr(Wishes(), name)
        wish = with_name(getattr(wishes, name), usual)
        if ladder and wish == {"name": usual}:
            given = {name: "ladder"}
            wishes = Wishes(**{**wishes._asdict(), **given})
        member = with_name(getattr(wishes, name), usual)["name"]
        if room.load(name, member).hierarchical != ladder:
            raise UsageError(
                f"A network {network['name']} does not go with a {name} {member}: the latents of "
                "a ladder stand in groups, and all others do not.",
                where=f"--network, --{name}",
                how="Use --network ladder without --posterior and --prior, or another network.",
            )
    return wishes


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
        "c_dim": design.c_dim,
    }
    with seeded(seed):
        posterior = room.build("posterior", design.posterior, **offer)
        if design.c_dim:
            posterior.standardize.condition(design.c_dim)
        offer["posterior"] = posterior
        prior = room.build("prior", design.prior, **offer)
        # What is decoded is z, or what it stands for, with c beside it.
        offer["latent_dim"] = (posterior.decoded_dim or design.latent_dim) + design.c_dim
        likelihood = room.build("likelihood", design.likelihood, **offer)
        likelihood.c_dim = design.c_dim
        labels = Labels(offer["network"], design.x_shape, design.c_dim) if design.partly else None
    if likelihood.seen is not Likelihood.seen:
        posterior.standardize.seen = likelihood.seen
        if labels is not None:
            labels.standardize.seen = likelihood.seen
    return LatentVariableModel(posterior, prior, likelihood, labels)


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
    if model.likelihood.seen is not Likelihood.seen:  # on another scale
        seen_mean, seen_std = train.moments(model.likelihood.seen)
        model.posterior.standardize.fit(seen_mean, torch.where(seen_std > 0, seen_std, one))
    else:
        model.posterior.standardize.fit(mean, unit)
    if model.labels is not None:
        see = model.posterior.standardize
        model.labels.standardize.fit(see.shift, see.scale)
        if train.c is not None:
            model.labels.start(train.c[train.index].nan_to_num(nan=0.0).sum(0))
    if table or train.view.kind == "real":
        model.likelihood.standardize(mean, unit)
    model.likelihood.initialise(mean, std)
    if model.prior.examples:
        model.prior.start(_drawn(train, model.prior.examples))


def _drawn(train: Examples, n: int) -> Tensor:
    """Return n training examples, drawn without replacement while there are any."""
    generator = torch.Generator().manual_seed(mix(0, 0x57A7))
    order = torch.randperm(len(train), generator=generator).repeat(-(-n // len(train)))
    return train.plain(order[:n])


def is_autoencoder(wishes: Wishes) -> bool:
    """Say whether the posterior is a point and the prior improper: no VAE, but an autoencoder."""
    return not _has_density(wishes) and not _prior_of(wishes).is_proper


def _has_density(wishes: Wishes) -> bool:
    posterior = with_name(wishes.posterior, Wishes().posterior)["name"]
    return bool(room.load("posterior", posterior).has_density)


def _prior_of(wishes: Wishes) -> type[Prior]:
    cls: type[Prior] = room.load("prior", with_name(wishes.prior, Wishes().prior)["name"])
    return cls


def _require_partners(wishes: Wishes) -> None:
    """Refuse latents of another kind than the prior's, and a density under an improper one."""
    posterior = with_name(wishes.posterior, Wishes().posterior)["name"]
    prior = with_name(wishes.prior, Wishes().prior)["name"]
    cls = _prior_of(wishes)
    _require_same_space(posterior, prior)
    if _has_density(wishes) and not cls.is_proper:
        raise UsageError(
            f"A posterior {posterior} and a prior {prior} have no finite divergence.",
            where="--posterior, --prior",
            how="An autoencoder is `--posterior dirac --prior flat`; a VAE has neither.",
        )


def _require_conditions(wishes: Wishes, c_dim: int) -> None:
    """Refuse a prior of posteriors beside conditions, which its own inputs come without."""
    prior = with_name(wishes.prior, Wishes().prior)["name"]
    if c_dim and room.load("prior", prior).hierarchical:
        raise UsageError(
            "A ladder takes no conditions.",
            where="--condition",
            how="Leave it out, or use another network.",
        )
    if c_dim and room.load("prior", prior).of_posteriors:
        raise UsageError(
            f"A prior {prior} is made of posteriors q(z|u), and here they are q(z|u, c): no "
            "pseudo-input or exemplar u has conditions.",
            where=f"--prior {prior}",
            how="Use --prior conditional, standard-normal, mixture or flow.",
        )


def _require_enumerable(wishes: Wishes, classes: int) -> None:
    """Refuse points, under which no class weighs, and more classes than can be gone through."""
    if not _has_density(wishes):
        raise UsageError(
            "Where a class is unknown the bounds on log p(x|y) are weighed, and points have none.",
            where="--condition, --posterior",
            how="Use --posterior gaussian, or give every example its label.",
        )
    if classes > _MOST_CLASSES:
        raise UsageError(
            f"An example of unknown class is decoded under each of {classes} classes, and at most "
            f"{_MOST_CLASSES} are.",
            where="--condition",
            how="Join classes, or leave out the examples without one.",
        )


def _require_same_space(posterior: str, prior: str) -> None:
    """Refuse a posterior and a prior over different things."""
    here, there = room.load("posterior", posterior).space, room.load("prior", prior).space
    if here != there:
        proper = room.load("posterior", posterior).has_density
        priors = {name: room.load("prior", name) for name in room.names("prior")}
        partners = [
            name
            for name, cls in priors.items()
            if cls.space == here and (cls.is_proper or not proper)
        ]
        raise UsageError(
            f"The latents of a posterior {posterior} are {_SPACES[here]}, and those of a prior "
            f"{prior} {_SPACES[there]}.",
            where="--posterior, --prior",
            how=f"With --posterior {posterior} use --prior {' or '.join(partners)}.",
        )


def _require_same_choices(posterior: dict[str, Any], prior: dict[str, Any], latents: int) -> None:
    """Refuse a posterior and a prior that divide the latents into other choices."""
    own, others = posterior.get("choices"), prior.get("choices")
    if own and others and not (latents % own or latents % others):
        require_same_choices(own, latents // own, others, latents // others)


_SPACES: dict[Space, str] = {
    "real": "real numbers",
    "binary": "zeros and ones",
    "one-hot": "choices of one of several",
    "sphere": "points of a sphere",
}


def why_no_likelihood(model: LatentVariableModel, view: View) -> str:
    """Return why the model's numbers are no likelihood of the data, or nothing if they are."""
    if model.likelihood.cost:
        return model.likelihood.cost
    if not model.posterior.has_density:
        return "the posterior is a point mass, so the bound is a reconstruction and bounds nothing"
    if not model.prior.is_proper:
        return "the prior does not integrate to one"
    if not view.supports & model.likelihood.describes:
        name = type(model.likelihood).__name__
        return _NO_DENSITY[view.support].format(name=name)
    return ""


_NO_DENSITY = {
    "binary": "a {name} is no probability of black-and-white data",
    "levels": "a {name} is no density of grey levels, so this is their cross-entropy",
    "unit": "a {name} is no density of values in [0, 1]; of a Bernoulli it is the cross-entropy",
    "real": "a {name} is no density of real numbers",
}


def _require_component(name: str, wish: object) -> None:
    if not isinstance(wish, str | dict):
        raise UsageError(
            f"{wish!r} is no {name}.",
            where=f"--{name}",
            how="Give a name, or a dictionary with a name and options.",
        )
