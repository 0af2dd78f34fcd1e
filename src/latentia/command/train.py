"""Train a model on a data set, by name or path."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from latentia import preset as presets
from latentia import room
from latentia.errors import UsageError
from latentia.options import column_names, component_options, gathered, read_config, word_for
from latentia.shell import Shell
from latentia.training.settings import Settings

__all__ = ["OPTIONS", "train"]

ROOMS = ("network", "posterior", "prior", "likelihood", "objective", "corruption")
# What a file may say besides the components and `Settings`: its type, or the words to choose from.
_WRITTEN: dict[str, type | tuple[str, ...]] = {
    "latent_dim": int,
    "binarize": ("dynamic", "threshold", "none"),
    "size": int,
    "columns": list,
    "drop": list,
    "condition": list,
    "labelled": int,
    "alpha": float,
    "labels_first": float,
    "validation": float,
    "test": float,
}
_SECONDS = {"s": 1, "m": 60, "h": 3600}


def _settings_options() -> list[click.Parameter]:
    """Return an option for every field of `Settings` but the seed, which all commands have."""
    found: list[click.Parameter] = []
    for name, field in Settings.model_fields.items():
        if name == "seed":
            continue
        flag = "--" + name.replace("_", "-")
        help_text = f"{field.description}" + (
            f"  [default: {field.default}]" if field.default not in (None, False) else ""
        )
        is_flag = field.annotation is bool
        kind = field.annotation
        written = kind.__name__ if isinstance(kind, type) else str(kind).removeprefix("typing.")
        metavar = "TIME" if name == "max_time" else word_for(written)
        found.append(
            click.Option(
                [flag, name],
                is_flag=is_flag,
                default=None,
                metavar=None if is_flag else metavar,
                help=help_text[:1].upper() + help_text[1:],
            )
        )
    return found


OPTIONS: list[click.Parameter] = [*_settings_options(), *component_options(ROOMS)]


def train(
    shell: Shell,
    data: str | None = None,
    *,
    out: Path | None = None,
    preset: str | None = None,
    config: Path | None = None,
    list_presets: bool = False,
    latent_dim: int | None = None,
    binarize: Literal["dynamic", "threshold", "none"] | None = None,
    size: int | None = None,
    columns: str | None = None,
    drop: str | None = None,
    condition: str | None = None,
    labelled: int | None = None,
    alpha: float | None = None,
    labels_first: float | None = None,
    validation: float | None = None,
    test: float | None = None,
    data_root: str | None = None,
    resume: bool = False,
    force: bool = False,
    watch: bool = False,
    port: int | None = None,
    no_browser: bool = False,
    stay: bool = False,
    **options: Any,
) -> int:
    """Train a model on DATA: a name (mnist5k, mnist, ...) or a path (folder, npy, csv, ...).

    What is not asked for is chosen from the data, and the run says which choice it made and why.

    Arguments:
        out: Folder of the run; runs/NAME by default.
        preset: Start from a named set of options (see --list-presets).
        config: Start from a TOML file whose keys are these options.
        list_presets: List the presets and exit.
        latent_dim: L, the number of latents; chosen from the data by default.
        binarize: How grey values become x; `none` keeps the cross-entropy, which is no likelihood.
        size: Side in pixels to which a folder's images are brought.
        columns: The columns of a table that are the data: a,b,c; '*' for all, identifiers too.
        drop: Columns of a table to leave out: a,b,c.
        condition: What p(x|c) is told of every example: `label`, or columns of a table: a,b,c.
            A class, if it is the only one, may be unknown of some: then they teach p(x) too.
        labelled: Hide the condition of all but so many training examples, as even as can be over
            its classes.
        alpha: Weight of log q(c|x), the mean over examples whose class is known (1 by default).
        labels_first: Epochs in which labels alone teach q(c|x), before p(x) does too (default 10).
        validation: Rows, or share below 1, kept to choose the best epoch.
        test: Rows, or share below 1, kept for the final numbers.
        data_root: Folder of data sets to look in first (or LATENTIA_DATA).
        resume: Continue an interrupted run.
        force: Replace a run that is already there.
        watch: Open a page that shows the run as it trains, and can pause or stop it; its film of
            small pictures stays with the run.
        port: Port of that page; 8001, or any that is free, by default.
        no_browser: Say where the page is, and open nothing.
        stay: Keep the page once training is over, until Ctrl-C.
    """
    if list_presets:
        return _list(shell)
    asked = {
        "latent_dim": latent_dim,
        "binarize": binarize,
        "size": size,
        "columns": columns,
        "drop": drop,
        "condition": condition,
        "labelled": labelled,
        "alpha": alpha,
        "labels_first": labels_first,
        "validation": validation,
        "test": test,
        **options,
    }
    from latentia.command._training import Request, go_on, start
    from latentia.command._watched import Watch

    wanted = _wanted(shell, asked, preset, config)
    watching = Watch(watch, port, no_browser, stay)
    request = Request(data, out, data_root, force, wanted, watching)
    return go_on(shell, request) if resume else start(shell, request)


def _wanted(
    shell: Shell, asked: dict[str, Any], preset: str | None, config: Path | None
) -> dict[str, Any]:
    """Return the options asked for, over those of a preset or file, gathered by component."""
    if preset and config:
        raise UsageError("Give a preset or a config file, not both.", where="--preset, --config")
    # click names a dotted option with underscores; components read it with its dot.
    named = {k.replace("__", "."): v for k, v in asked.items() if v is not None}
    given = gathered(named, ROOMS)
    if shell.seed is not None:
        given["seed"] = shell.seed
    if preset:
        given = _merge(presets.load(preset), given, f"preset {preset}")
    elif config:
        given = _merge(read_config(config), given, str(config))
    return _finish(given)


def _merge(base: dict[str, Any], given: dict[str, Any], origin: str) -> dict[str, Any]:
    """Lay the command line's options over those of a preset or file, component by component."""
    known = {*_WRITTEN, *Settings.model_fields, *ROOMS}
    room.require_known(base, sorted(known), origin)
    for key, value in base.items():
        if not _can_be(key, value):
            raise UsageError(
                f"{value!r} cannot be the value of {key.replace('_', '-')}.",
                where=origin,
                how='Write `epochs = 20`, and a component as `[prior]` with `name = "mixture"`.',
            )
    merged = {**base, **{k: v for k, v in given.items() if k not in ROOMS}}
    for name in ROOMS:
        if name in given:
            before, after = merged.get(name, {}), given[name]
            before = {"name": before} if isinstance(before, str) else before
            same = after.get("name", before.get("name")) == before.get("name")
            merged[name] = {**before, **after} if same else after
    return merged


def _can_be(key: str, value: Any) -> bool:
    """Say whether a value read from a file is of its option's type, which click has not seen."""
    if key in ROOMS:
        return isinstance(value, str) or (
            isinstance(value, dict) and isinstance(value.get("name", ""), str)
        )
    types = _WRITTEN.get(key)
    if types is None:
        return not isinstance(value, list | dict)  # `Settings` says the rest
    if types is list:
        names = value if isinstance(value, list) else [value]
        return all(isinstance(name, str) for name in names)
    if isinstance(types, tuple):
        return value in types
    return isinstance(value, int | types) and not isinstance(value, bool)


def _finish(given: dict[str, Any]) -> dict[str, Any]:
    """Turn a time such as 90s, 5m or 1h into seconds, and lists of columns into names."""
    for key in ("columns", "drop", "condition"):
        if key in given:
            given[key] = column_names(given[key], f"--{key}")
    time = given.get("max_time")
    if isinstance(time, str):
        given["max_time"] = _seconds(time)
    return given


def _seconds(time: str) -> float:
    """Return a time such as 90s, 5m or 1h in seconds."""
    unit = _SECONDS.get(time[-1:].lower())
    try:
        return room.as_number(time[:-1] if unit else time, f"--max-time {time}") * (unit or 1)
    except UsageError as error:
        how = "Write seconds, minutes or hours: 90s, 5m, 1h."
        raise UsageError(
            f"{time!r} is no number of s, m or h.", where=error.where, how=how
        ) from None


def _list(shell: Shell) -> int:
    found = {name: presets.describe(name) for name in presets.names()}
    width = max(map(len, found), default=0)
    shell.give(found, "\n".join(f"{name:<{width}}  {text}" for name, text in found.items()))
    return 0
