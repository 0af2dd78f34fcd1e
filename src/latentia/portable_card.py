"""The card of exported graphs: what whoever runs them has to know, in words and for programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from latentia import room
from latentia.card import data, numbers

if TYPE_CHECKING:
    from latentia.config import Config
    from latentia.portable import Graph
    from latentia.run import Run

__all__ = ["OPSET", "card", "described"]

# The version of the operators: what runtimes of 2024 and later, browsers' too, know.
OPSET = 20

# How a stored value becomes a number of x.
_SCALES = {"bytes": "value / 255", "binary": "0 or 1", "unit": "as it is", "real": "as it is"}


def described(config: Config, halves: list[Graph]) -> dict[str, Any]:
    """Return what a program needs to know to use the graphs.

    Arguments:
        config: The run's.
        halves: The graphs: encoder, decoder, and what else there is.

    Returns:
        What JSON can say: of x, z and c, of the components, and of the outputs.
    """
    schema, design = config.data.schema_, config.model
    encoder, decoder = halves[:2]
    c_dim = encoder.inputs["c"].shape[1] if "c" in encoder.inputs else 0
    return {
        "latentia": config.latentia,
        "opset": OPSET,
        "x": {
            "shape": list(encoder.inputs["x"].shape[1:]),
            "dtype": "float32",
            "stored": design.kind,
            "scale": _SCALES[design.kind],
            "binarize": design.binarize,
            "columns": list(schema.columns),
            "left_out_as_constant": [*schema.constant, *schema.left_out],
            "missing": schema.missing,
            "offset": list(schema.offset),
        },
        "z": {"latents": design.latent_dim, "conditions": c_dim},
        "c": [
            {"name": one.name, "one_hot": list(one.classes)}
            if one.classes
            else {"name": one.name, "mean": one.mean, "std": one.std}
            for one in schema.conditions
        ],
        "posterior": {**design.posterior, "outputs": encoder.outputs},
        "prior": design.prior,
        # log p(x) is the sum over classes of p(y) p(x|y) where the class is a latent.
        "class_is_latent": design.partly,
        "likelihood": {**design.likelihood, "outputs": decoder.outputs},
        "is_likelihood": not config.no_likelihood,
    }


def _written(condition: dict[str, Any]) -> str:
    """Return in words how a condition is written in c."""
    if "one_hot" in condition:
        return f"1 in the place of its class and 0 elsewhere: {', '.join(condition['one_hot'])}"
    return f"(value - {condition['mean']:g}) / {condition['std']:g}"


def _example(x: dict[str, Any]) -> str:
    """Return the lines of Python that make an x: of a table, by the names of its columns."""
    if not x["columns"]:
        return f"x = np.zeros((1, {', '.join(map(str, x['shape']))}), np.float32)"
    empty, out = "np.nan" if x["missing"] else "0.0", x["left_out_as_constant"]
    row = "\n".join(f"    {c!r}: {empty}," for i, c in enumerate(x["columns"]) if i not in out)
    return f"row = {{  # your values\n{row}\n}}\nx = np.array([list(row.values())], np.float32)"


def _of_x(x: dict[str, Any]) -> list[str]:
    """Return what is to be known of the values of x, a line each."""
    lines = []
    if x["binarize"] != "none":
        how = "drawn black or white by its value" if x["binarize"] == "dynamic" else "rounded"
        lines.append(f"The model was trained on x {how}.")
    if x["columns"]:
        lines.append(f"Columns, in their order: {', '.join(x['columns'])}.")
    if x["left_out_as_constant"]:
        lines.append(f"Left out, as constant: {', '.join(map(str, x['left_out_as_constant']))}.")
    if x["missing"]:
        lines.append(f"A missing cell is NaN ({x['missing']:.1%} in training were missing).")
    if any(x["offset"]):
        lines.append("From each column its `offset` (see description.json) is taken away first.")
    return lines


def _use(told: dict[str, Any]) -> list[str]:
    """Return the lines of Python that run the graphs."""
    x, c = told["x"], told["c"]
    lines = [
        "",
        "## Use",
        "",
        "```python",
        "import numpy as np\nimport onnxruntime\n",
        'encoder = onnxruntime.InferenceSession("encoder.onnx")',
        'decoder = onnxruntime.InferenceSession("decoder.onnx")',
        _example(x),
    ]
    given = ', "c": c' if c else ""
    if c:
        lines += _conditions(told)
    lines += [
        f'q = encoder.run(None, {{"x": x{given}}})',
        *_drawn(told),
        f'*p, shown = decoder.run(None, {{"z": z{given}}})',
        "```",
        "",
    ]
    return lines


def _conditions(told: dict[str, Any]) -> list[str]:
    """Return the lines of Python that make a c: each class the first, each number its mean."""
    lines, at = [f"c = np.zeros((1, {told['z']['conditions']}), np.float32)"], 0
    for one in told["c"]:
        if "one_hot" in one:
            lines.append(f"c[0, {at}] = 1  # {one['name']}: {one['one_hot'][0]}")
        at += len(one.get("one_hot", [None]))
    return lines


def _drawn(told: dict[str, Any]) -> list[str]:
    """Return the lines of Python that make a z: a draw of the prior, where that is here."""
    name, latents = told["prior"]["name"], told["z"]["latents"]
    normal = "np.random.default_rng(0).standard_normal((1, {})).astype(np.float32)"
    if name == "standard-normal":
        return [f"z = {normal.format(latents)}  # z ~ p(z) = N(0, I)"]
    if name == "conditional":
        return [
            'loc, scale = onnxruntime.InferenceSession("prior.onnx").run(None, {"c": c})',
            f"z = loc + scale * {normal.format(latents)}  # z ~ p(z|c)",
        ]
    return [f"z = np.zeros((1, {latents}), np.float32)  # your z; no draw of p(z), see Prior"]


def _of_prior(told: dict[str, Any], run: Run | None) -> list[str]:
    """Return what the prior is, and where draws of it are to be had, a line each."""
    name, L = told["prior"]["name"], told["z"]["latents"]
    member = room.load("prior", name)
    first = (member.__doc__ or name).split("\n\n")[0]
    words = re.sub(r":math:`([^`]*)`", r"$\1$", " ".join(first.split()))
    options = ", ".join(f"{k} {v}" for k, v in told["prior"].items() if k != "name")
    lines = ["## Prior", "", f"`{name}`{f' ({options})' if options else ''}: {words}"]
    if name == "standard-normal":
        return [*lines, f"Draw z from it as {L} independent numbers of mean 0 and deviation 1."]
    if name == "conditional":
        return [*lines, "Its loc and scale are those of `prior.onnx`: z = loc + scale * N(0, I)."]
    if not member.is_proper:
        return [*lines, "There is nothing to draw z from: a z is what the encoder gives of an x."]
    load = f"lt.load({(run.name if run else 'this/run')!r})"
    known = ", ".join(f"{one['name']!r}: ..." for one in told["c"])
    given = f".given({{{known}}})" if known and not told["class_is_latent"] else ""
    return [
        *lines,
        "**It is not in this folder**, and N(0, I) is no stand-in for it: what the decoder makes "
        "of z ~ N(0, I) are no samples of this model. Where latentia and the run are, "
        f"`{load}{given}.sample(n)` in Python, `latentia sample`, or `POST /v1/sample` of "
        f"`latentia serve` give samples of x, and `{load}.model_.draw_prior(n)` gives z for the "
        "decoder.",
    ]


def card(config: Config, told: dict[str, Any], run: Run | None = None) -> str:
    """Return the card in words, Markdown.

    Arguments:
        config: The run's.
        told: What `described` says of the graphs.
        run: The run, whose name and numbers are then in the card.
    """
    x, c = told["x"], told["c"]
    shape = ", ".join(map(str, x["shape"]))
    sees = f", c (batch, {told['z']['conditions']})" if c else ""
    others = []
    if told["class_is_latent"]:
        words = "x to log q(y|x), for x of unknown class: `c` is 1 in one place"
        others.append(f"- `classifier.onnx`: {words}")
    if told["prior"]["name"] == "conditional":
        others.append("- `prior.onnx`: c to p(z|c), a Gaussian: loc, scale")
    of = config.data.data_schema["name"]
    lines = [
        f"# {run.name if run else of}: encoder and decoder",
        "",
        f"ONNX graphs (opset {OPSET}) of a model of `{of}`, trained by latentia "
        f"{config.latentia}. Nothing random is in them; all take any number of examples at once, "
        "as float32.",
        "",
        f"- `encoder.onnx`: x (batch, {shape}){sees} to q(z|x{sees[:3]}), "
        f"{told['posterior']['name']}: {', '.join(told['posterior']['outputs'])}",
        f"- `decoder.onnx`: z (batch, {told['z']['latents']}){sees} to p(x|z{sees[:3]}), "
        f"{told['likelihood']['name']}: {', '.join(told['likelihood']['outputs'][:-1])}"
        "; `shown` is E[x|z], or the x that stands for it",
        *others,
        "- `description.json`: the same for programs",
        "",
        f"A value of x is {x['scale']} (stored: {x['stored']}).",
    ]
    lines += _of_x(x)
    lines += [f"In c: `{one['name']}`, {_written(one)}." for one in c]
    known = [numbers(run, config)] if run else []
    if config.no_likelihood and not run:
        lines.append(f"**No likelihood**: {config.no_likelihood}.")
    prior = "\n".join(_of_prior(told, run))
    if told["class_is_latent"]:
        prior += "\nThe class of a sample is a draw of p(y), which is not in this folder: "
        prior += "the shares of the classes among the labels that were known."
    return "\n".join(["\n\n".join(["\n".join(lines), prior, *known, data(config)]), *_use(told)])
