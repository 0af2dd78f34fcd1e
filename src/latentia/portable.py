"""A trained model for other programs: encoder and decoder as ONNX graphs, with a card.

    encoder.onnx      x -> the numbers of q(z|x)
    classifier.onnx   x -> log q(y|x), where the class y is a latent
    decoder.onnx      z -> the numbers of p(x|z), and E[x|z]
    prior.onnx        c -> the numbers of p(z|c), where the prior is one

Nothing random is in the graphs: whoever runs them draws z himself. Each graph is run once, for one
example and for several, and held against the model before it counts as written.
"""

from __future__ import annotations

import errno
import json
import logging
import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.distributions import Distribution

from latentia.distribution.parameters import parameters
from latentia.errors import MachineError, RunError, UsageError
from latentia.files import unwritable, write_together, writing
from latentia.model import LatentVariableModel
from latentia.portable_card import OPSET, card, described
from latentia.prior.conditional import Conditional

if TYPE_CHECKING:
    from latentia.config import Config
    from latentia.run import Run

__all__ = ["Graph", "Written", "files_of", "graphs", "require_unused", "write_onnx", "written"]

# How far a graph's numbers may be from the model's, relative to the largest of each output.
_CLOSE = 1e-4
# Of how many examples a graph is asked before it is believed, beside the two it was traced with.
_ASKED = (1, 5)
# The prior that is a graph of its own.
_OF_C = "conditional"


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


def write_onnx(
    model: LatentVariableModel,
    config: Config,
    folder: Path,
    run: Run | None = None,
    *,
    force: bool = False,
) -> dict[str, int]:
    """Write encoder, decoder, what their numbers are, and a card.

    Arguments:
        model: The model.
        config: The configuration that it was built by.
        folder: Where to; nothing is written before every graph agrees with the model.
        run: The run that the model is of, whose name and numbers the card then has.
        force: Whether files of these names that are there may be replaced.

    Returns:
        The bytes of each file, by name.

    Raises:
        MachineError: if a package is missing, or the folder cannot be written.
        RunError: if the model cannot be written as graphs, or a graph gives other numbers.
        UsageError: if there is a file of such a name already, and `force` is off.
    """
    require_unused(folder, files_of(config), force=force)
    halves, told = written(model, config)
    files = {f"{name}.onnx": graph for name, graph in halves.items()}
    files["description.json"] = (json.dumps(told, indent=2) + "\n").encode()
    files["README.md"] = card(config, told, run).encode()
    require_unused(folder, files, force=force)  # once more, after work that takes its time
    is_new = not folder.exists()
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    try:
        write_together({folder / name: content for name, content in files.items()})
    except BaseException:
        if is_new:
            with suppress(OSError):  # somebody may have put something into it
                folder.rmdir()
        raise
    return {name: len(content) for name, content in files.items()}


def require_unused(folder: Path, names: Iterable[str], *, force: bool) -> None:
    """Refuse a folder that holds files of some names.

    Arguments:
        folder: Where they would be written.
        names: Theirs, such as `files_of` tells.
        force: Whether files may be replaced; folders never are.

    Raises:
        MachineError: if the folder cannot be looked into, or nothing can be written there.
        UsageError: naming what is there.
    """
    paths = [folder / name for name in names]
    _require_place(folder)
    with writing(folder):
        folders = [path.name for path in paths if path.is_dir()]
        # A link that leads nowhere is somebody's, too.
        here = [path.name for path in paths if path.exists() or path.is_symlink()]
    if folders:
        raise UsageError(
            f"There are folders where files would be written: {', '.join(folders)}.",
            where=str(folder),
            how="Choose another folder.",
        )
    if here and not force:
        raise UsageError(
            f"There are files already, and none is overwritten by accident: {', '.join(here)}.",
            where=str(folder),
            how="Replace them with --force, or choose another folder.",
        )


def _require_place(folder: Path) -> None:
    """Refuse what is no folder and can be none, before a model is traced for it."""
    with writing(folder):
        nearest = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not nearest.is_dir():
        raise MachineError(
            "There is a file where a folder would be.",
            where=str(nearest),
            how="Choose another place.",
        )
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise unwritable(PermissionError(errno.EACCES, "Permission denied"), folder)


def files_of(config: Config) -> list[str]:
    """Return the names of the files that `write_onnx` writes of a model."""
    kinds = {"classifier": config.model.partly, "prior": config.model.prior["name"] == _OF_C}
    halves = ["encoder", "decoder", *(name for name, is_there in kinds.items() if is_there)]
    return [*(f"{name}.onnx" for name in halves), "description.json", "README.md"]


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
    return Written({half.name: _agreeing(half) for half in halves}, described(config, halves))


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
        opset_version=OPSET,
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
