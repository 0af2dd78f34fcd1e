"""The card of exported graphs: what whoever runs them has to know, in words and for programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from latentia.config import Config
    from latentia.portable import Graph

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
        "```python",
        "import numpy as np\nimport onnxruntime\n",
        'encoder = onnxruntime.InferenceSession("encoder.onnx")',
        'decoder = onnxruntime.InferenceSession("decoder.onnx")',
        _example(x),
    ]
    given = ', "c": c' if c else ""
    if c:
        lines.append(f"c = np.zeros((1, {told['z']['conditions']}), np.float32)")
    lines += [
        f'q = encoder.run(None, {{"x": x{given}}})',
        f"z = np.zeros((1, {told['z']['latents']}), np.float32)",
        f'*p, shown = decoder.run(None, {{"z": z{given}}})',
        "```",
        "",
    ]
    return lines


def card(config: Config, told: dict[str, Any]) -> str:
    """Return the card in words, Markdown.

    Arguments:
        config: The run's.
        told: What `described` says of the graphs.
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
    lines = [
        f"# {config.data.data_schema['name']}: encoder and decoder",
        "",
        f"Two ONNX graphs (opset {OPSET}) of a model trained by latentia {config.latentia}. "
        "Nothing random is in them; both take any number of examples at once, as float32.",
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
    if config.no_likelihood:
        lines.append(f"**No likelihood**: {config.no_likelihood}.")
    return "\n".join([*lines, *_use(told)])
