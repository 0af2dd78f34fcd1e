"""A trained model for other programs: encoder and decoder as ONNX graphs, with a card.

    encoder.onnx      x -> the numbers of q(z|x)
    classifier.onnx   x -> log q(y|x), where the class y is a latent
    decoder.onnx      z -> the numbers of p(x|z), and E[x|z]
    prior.onnx        c -> the numbers of p(z|c), where the prior is one

Nothing random is in the graphs: whoever runs them draws z himself. Each graph is run once, for one
example and for several, and held against the model before it counts as written.
"""

from __future__ import annotations

import json
import logging
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.parameters import parameters
from latentia.errors import MachineError, RunError
from latentia.files import write_atomically, writing
from latentia.model import LatentVariableModel
from latentia.prior.conditional import Conditional

if TYPE_CHECKING:
    from latentia.config import Config

__all__ = ["Graph", "Written", "graphs", "write_onnx", "written"]

# The version of the operators: what runtimes of 2024 and later, browsers' too, know.
_OPSET = 20
# How far a graph's numbers may be from the model's, relative to the largest of each output.
_CLOSE = 1e-4
# Of how many examples a graph is asked before it is believed, beside the two it was traced with.
_ASKED = (1, 5)


class Graph(NamedTuple):
    """A half of a model on its way out.

    Arguments:
        name: `encoder` or `decoder`.
        half: What is traced: tensors to a tuple of tensors.
        inputs: An example of each input, a few rows, by name.
        outputs: Names of the outputs.
    """

    name: str
    half: nn.Module
    inputs: dict[str, Tensor]
    outputs: list[str]


class Written(NamedTuple):
    """A model as graphs, each of which has given the model's numbers.

    Arguments:
        graphs: The bytes of each graph's file, by the half's name.
        described: What a program needs to know to use them.
    """

    graphs: dict[str, bytes]
    described: dict[str, Any]


class _Encoder(nn.Module):
    def __init__(self, model: LatentVariableModel) -> None:
        super().__init__()
        self.posterior = model.posterior

    def forward(self, x: Tensor, c: Tensor | None = None) -> tuple[Tensor, ...]:
        return tuple(parameters(self.posterior(x, c)).values())


class _Classifier(nn.Module):
    def __init__(self, model: LatentVariableModel) -> None:
        super().__init__()
        assert model.labels is not None
        self.labels = model.labels

    def forward(self, x: Tensor) -> tuple[Tensor, ...]:
        return (self.labels(x).logits,)


class _Decoder(nn.Module):
    def __init__(self, model: LatentVariableModel) -> None:
        super().__init__()
        self.likelihood = model.likelihood

    def forward(self, z: Tensor, c: Tensor | None = None) -> tuple[Tensor, ...]:
        p = self.likelihood(z, c)
        return (*parameters(p).values(), self.likelihood.shown(p))


class _Prior(nn.Module):
    def __init__(self, model: LatentVariableModel) -> None:
        super().__init__()
        self.prior = model.prior

    def forward(self, c: Tensor) -> tuple[Tensor, ...]:
        return tuple(parameters(self.prior(c)).values())


def graphs(model: LatentVariableModel, latent_dim: int) -> list[Graph]:
    """Return encoder and decoder as they will be written.

    Arguments:
        model: The model, on the CPU.
        latent_dim: L.

    Raises:
        RunError: if q(z|x) or p(x|z) is no distribution that numbers say all of.
    """
    model.eval()
    given = {"c": torch.zeros(2, model.c_dim)} if model.c_dim else {}
    x, z = torch.zeros(2, *model.likelihood.x_shape), torch.zeros(2, latent_dim)
    with torch.no_grad():
        q = parameters(model.posterior(x, given.get("c")))
        p = parameters(model.likelihood(z, given.get("c")))
    for half, found in (("encoder", q), ("decoder", p)):
        if not found:
            raise RunError(
                f"What this {half} returns is drawn step by step or by a codebook, and no numbers "
                "say all of it.",
                where="--onnx",
                how="Export a model of posterior gaussian and likelihood bernoulli, say.",
            )
    halves = [
        Graph("encoder", _Encoder(model), {"x": x, **given}, list(q)),
        Graph("decoder", _Decoder(model), {"z": z, **given}, [*p, "shown"]),
    ]
    if model.labels is not None:
        halves.append(Graph("classifier", _Classifier(model), {"x": x}, ["logits"]))
    if isinstance(model.prior, Conditional):
        halves.append(Graph("prior", _Prior(model), given, ["loc", "scale"]))
    return halves


def write_onnx(model: LatentVariableModel, config: Config, folder: Path) -> dict[str, int]:
    """Write encoder, decoder, what their numbers are, and a card.

    Arguments:
        model: The model.
        config: The configuration that it was built by.
        folder: Where to; files of these names are replaced, and nothing is written before every
            graph agrees with the model.

    Returns:
        The bytes of each file, by name.

    Raises:
        MachineError: if a package is missing, or the folder cannot be written.
        RunError: if the model cannot be written as graphs, or a graph gives other numbers.
    """
    halves, described = written(model, config)
    files = {f"{name}.onnx": graph for name, graph in halves.items()}
    files["description.json"] = (json.dumps(described, indent=2) + "\n").encode()
    files["README.md"] = _card(config, described).encode()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        write_atomically(folder / name, content)
    return {name: len(content) for name, content in files.items()}


def written(model: LatentVariableModel, config: Config) -> Written:
    """Return encoder and decoder as graphs, and what their numbers are.

    Arguments:
        model: The model; it is brought to the CPU.
        config: The configuration that it was built by.

    Raises:
        MachineError: if a package is missing.
        RunError: if the model cannot be written as graphs, or a graph gives other numbers.
    """
    _require_packages()
    halves = graphs(model.cpu(), config.model.latent_dim)
    return Written({half.name: _agreeing(half) for half in halves}, _described(config, halves))


def _require_packages() -> None:
    try:
        import onnx  # noqa: F401
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise MachineError(
            f"A package that writes and reads ONNX graphs is not installed: {error.name}.",
            where="--onnx",
            how="Install them with: pip install 'latentia[onnx]'",
        ) from None


def _agreeing(graph: Graph) -> bytes:
    """Return a graph as the bytes of its file, once it has given the model's numbers."""
    with tempfile.TemporaryDirectory() as aside, _quiet():
        path = Path(aside) / f"{graph.name}.onnx"
        try:
            _trace(graph, path)
            content = _bare(path)
            furthest = _furthest(graph, content)
        except (OSError, MemoryError):
            raise
        except Exception as error:  # whatever a tracer or a runtime has to say
            first = str(error).strip().split("\n")[0]
            raise RunError(
                f"This {graph.name} cannot be written as an ONNX graph: {first}",
                where="--onnx",
                how="Its kind of posterior, likelihood or network takes steps that ONNX does not "
                "have; models of posterior gaussian and networks mlp or conv can be written.",
            ) from error
    if not furthest < _CLOSE:
        raise RunError(
            f"The {graph.name} as an ONNX graph is off by {furthest:.1e} of its largest number.",
            where="--onnx",
            how="It was not written. Another version of torch or onnxscript may do better.",
        )
    return content


def _trace(graph: Graph, path: Path) -> None:
    batch = torch.export.Dim("batch", min=1)
    torch.onnx.export(
        graph.half,
        tuple(graph.inputs.values()),
        path,
        input_names=list(graph.inputs),
        output_names=graph.outputs,
        dynamic_shapes=tuple({0: batch} for _ in graph.inputs),
        opset_version=_OPSET,
        external_data=False,
        dynamo=True,
        verbose=False,
    )


def _bare(path: Path) -> bytes:
    """Return a graph without what the tracer noted of itself: paths of this machine, too."""
    import onnx

    model = onnx.load(path)
    graph = model.graph
    for one in (model, graph, *graph.node, *graph.initializer, *graph.input, *graph.output):
        del one.metadata_props[:]
        one.ClearField("doc_string")
    for value in graph.value_info:
        del value.metadata_props[:]
    content: bytes = model.SerializeToString(deterministic=True)
    return content


def _furthest(graph: Graph, content: bytes) -> float:
    """Return how far a graph's numbers are from the model's, relative to the largest of each."""
    import onnxruntime

    session = onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    furthest = 0.0
    for count in _ASKED:
        generator = torch.Generator().manual_seed(count)
        asked = {
            name: torch.rand(count, *one.shape[1:], generator=generator)
            for name, one in graph.inputs.items()
        }
        with torch.no_grad():
            expected = graph.half(*asked.values())
        found = session.run(None, {name: one.numpy() for name, one in asked.items()})
        for one, other in zip(found, expected, strict=True):
            away = (torch.from_numpy(one) - other).abs().max() / other.abs().max().clamp_min(1)
            furthest = max(furthest, float(away))
    return furthest


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep to themselves what tracers say of themselves; torch's defaults come back after."""
    before, checks = logging.root.manager.disable, Distribution._validate_args
    logging.disable(logging.CRITICAL)
    # Whether a parameter may be so cannot be asked of numbers that are not there yet.
    Distribution.set_default_validate_args(False)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(before)
        Distribution.set_default_validate_args(checks)


# How a stored value becomes a number of x.
_SCALES = {"bytes": "value / 255", "binary": "0 or 1", "unit": "as it is", "real": "as it is"}


def _described(config: Config, halves: list[Graph]) -> dict[str, Any]:
    """Return what a program needs to know to use the graphs."""
    schema, design = config.data.schema_, config.model
    encoder, decoder = halves[:2]
    c_dim = encoder.inputs["c"].shape[1] if "c" in encoder.inputs else 0
    return {
        "latentia": config.latentia,
        "opset": _OPSET,
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


def _card(config: Config, described: dict[str, Any]) -> str:
    """Return the card in words."""
    x, c = described["x"], described["c"]
    shape = ", ".join(map(str, x["shape"]))
    sees = f", c (batch, {described['z']['conditions']})" if c else ""
    others = []
    if described["class_is_latent"]:
        told = "x to log q(y|x), for x of unknown class: `c` is 1 in one place"
        others.append(f"- `classifier.onnx`: {told}")
    if described["prior"]["name"] == "conditional":
        others.append("- `prior.onnx`: c to p(z|c), a Gaussian: loc, scale")
    lines = [
        f"# {config.data.data_schema['name']}: encoder and decoder",
        "",
        f"Two ONNX graphs (opset {_OPSET}) of a model trained by latentia {config.latentia}. "
        "Nothing random is in them; both take any number of examples at once, as float32.",
        "",
        f"- `encoder.onnx`: x (batch, {shape}){sees} to q(z|x{sees[:3]}), "
        f"{described['posterior']['name']}: {', '.join(described['posterior']['outputs'])}",
        f"- `decoder.onnx`: z (batch, {described['z']['latents']}){sees} to p(x|z{sees[:3]}), "
        f"{described['likelihood']['name']}: {', '.join(described['likelihood']['outputs'][:-1])}"
        "; `shown` is E[x|z], or the x that stands for it",
        *others,
        "- `description.json`: the same for programs",
        "",
        f"A value of x is {x['scale']} (stored: {x['stored']}).",
    ]
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
    lines += [f"In c: `{one['name']}`, {_written(one)}." for one in c]
    if config.no_likelihood:
        lines.append(f"**No likelihood**: {config.no_likelihood}.")
    lines += [
        "",
        "```python",
        "import numpy as np\nimport onnxruntime\n",
        'encoder = onnxruntime.InferenceSession("encoder.onnx")',
        'decoder = onnxruntime.InferenceSession("decoder.onnx")',
        _example(x),
    ]
    given = ', "c": c' if c else ""
    if c:
        lines.append(f"c = np.zeros((1, {described['z']['conditions']}), np.float32)")
    lines += [
        f'q = encoder.run(None, {{"x": x{given}}})',
        f"z = np.zeros((1, {described['z']['latents']}), np.float32)",
        f'*p, shown = decoder.run(None, {{"z": z{given}}})',
        "```",
        "",
    ]
    return "\n".join(lines)
