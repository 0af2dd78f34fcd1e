"""What was asked for on the command line, beside what a run's configuration says."""

from __future__ import annotations

from typing import Any

from latentia import room
from latentia.config import Config
from latentia.errors import UsageError
from latentia.objective._labelled import Labelling
from latentia.training.settings import Settings

__all__ = ["require_same", "require_used"]

_ROOMS = ("network", "posterior", "prior", "likelihood", "objective", "corruption")
_CAN_CHANGE = {"epochs", "max_time", "patience"}
_OPEN = {"precision": "auto", "compile": "auto", "batch_size": 0}


def require_same(config: Config, options: dict[str, Any]) -> Settings:
    """Return the settings with which a run goes on, if nothing else was asked to change.

    Arguments:
        config: The run's configuration.
        options: What was asked for.

    Raises:
        UsageError: naming each option that differs, with both values.
    """
    asked = {key: value for key, value in options.items() if key in Settings.model_fields}
    given = Settings.checked(**asked).model_dump()
    # What is left to be chosen was chosen when the run began.
    closed = {key: given[key] for key in asked if given[key] != _OPEN.get(key)}
    settings = Settings.checked(**{**config.training.model_dump(), **closed})
    settings, _ = settings.complete(config.data.n_train)
    changed = [
        *_changed_settings(config.training, settings),
        *_changed_data_and_size(config, options),
        *(said for name in _ROOMS for said in _changed_part(config, options, name)),
    ]
    if changed:
        raise UsageError(
            f"A resumed run keeps its own options: {'; '.join(changed)}.",
            where="--resume",
            how="Only --epochs, --max-time and --patience can change; else train a new run.",
        )
    return settings


def require_used(config: Config, options: dict[str, Any]) -> None:
    """Refuse an option that would change nothing, given the others.

    Arguments:
        config: The configuration that came of the options.
        options: What was asked for.

    Raises:
        UsageError: naming the option, and what it needs.
    """
    for name in _ROOMS:
        built = _built(config, name)
        if built is None or not isinstance(options.get(name), dict):
            continue
        needs: dict[str, tuple[str, Any]] = getattr(room.load(name, built["name"]), "needs", {})
        for key, (other, value) in needs.items():
            enough = value if isinstance(value, tuple) else (value,)
            if key in options[name] and built[other] not in enough:
                raise UsageError(
                    f"{_flag(name, key)} does nothing here: {_flag(name, other)} is "
                    f"{built[other]}.",
                    where=f"{_flag(name, key)} {options[name][key]}",
                    how=f"Add {_flag(name, other)} {enough[0]}, or leave it out.",
                )


def _changed_settings(before: Settings, after: Settings) -> list[str]:
    return [
        _said(f"--{key.replace('_', '-')}", getattr(before, key), getattr(after, key))
        for key in Settings.model_fields
        if key not in _CAN_CHANGE and getattr(before, key) != getattr(after, key)
    ]


def _changed_data_and_size(config: Config, options: dict[str, Any]) -> list[str]:
    record = config.data
    before = {
        "latent_dim": config.model.latent_dim,
        "binarize": config.model.binarize,
        "size": record.size,
        "columns": record.columns,
        "drop": record.drop,
        "condition": tuple(one.name for one in record.schema_.conditions),
        # Where the parts were left open, how many rows they came to.
        "validation": record.n_validation if record.validation is None else record.validation,
        "test": record.n_test if record.test is None else record.test,
        "labelled": record.labelled,
        **dict.fromkeys(Labelling._fields),
        **(config.labelling or {}),
    }
    return [
        _said(f"--{key.replace('_', '-')}", value, options[key])
        for key, value in before.items()
        if key in options and options[key] != value
    ]


def _changed_part(config: Config, options: dict[str, Any], name: str) -> list[str]:
    """Say which options of one component differ from the run's."""
    if name not in options:
        return []
    asked, built = options[name], _built(config, name)
    asked = {"name": asked} if isinstance(asked, str) else dict(asked)
    wanted = asked.pop("name", None)
    if wanted == "auto":
        wanted = None
    if built is None or (wanted is not None and room.member(name, wanted).name != built["name"]):
        given = wanted or ", ".join(f"{key} {value}" for key, value in asked.items())
        return [_said(f"--{name}", None if built is None else built["name"], given)]
    before = room.spec(name, built)
    after = room.spec(name, {"name": built["name"], **asked})
    return [
        _said(_flag(name, key), before[key], after[key])
        for key in asked
        if before[key] != after[key]
    ]


def _built(config: Config, name: str) -> dict[str, Any] | None:
    """Return a component of a configuration, by its room."""
    of_run = {"objective": config.objective, "corruption": config.corruption}
    return of_run[name] if name in of_run else getattr(config.model, name)


def _flag(name: str, key: str) -> str:
    return f"--{name}.{key.replace('_', '-')}"


def _said(flag: str, before: Any, after: Any) -> str:
    return f"{flag} is {_written(before)}, not {_written(after)}"


def _written(value: Any) -> str:
    if value is None:
        return "not set"
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
