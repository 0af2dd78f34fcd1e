"""Export a model for other programs: encoder and decoder as ONNX graphs."""

from __future__ import annotations

from pathlib import Path

from latentia.errors import UsageError
from latentia.shell import Shell

__all__ = ["export"]


def export(shell: Shell, run: Path, *, onnx: Path | None = None) -> None:
    """Export RUN for programs that know no Python.

    Each graph is run and held against the model before anything is written.

    Arguments:
        onnx: FOLDER for encoder.onnx, decoder.onnx, description.json and a card.
    """
    if onnx is None:
        raise UsageError(
            "Nothing says as what to export.",
            where="latentia export RUN",
            how="Use --onnx FOLDER.",
        )
    from latentia.command._inputs import open_run
    from latentia.portable import write_onnx

    _, model = open_run(shell, run)
    written = write_onnx(model.model_, model.config_, onnx)
    lines = [f"{onnx / name}: {count:,} bytes" for name, count in written.items()]
    shell.give({"out": str(onnx), "bytes": written}, "\n".join(lines))
