"""What has to be there before anything is served: packages of an extra, and a port."""

from __future__ import annotations

from latentia.errors import MachineError, UsageError

__all__ = ["PACKAGES", "require_packages", "require_port"]

# By the name of the extra that has them.
_SERVED = ("fastapi", "uvicorn", "prometheus_client")
PACKAGES: dict[str, tuple[str, ...]] = {
    "serve": _SERVED,
    "explore": (*_SERVED, "onnx", "onnxscript", "onnxruntime"),
}


def require_packages(extra: str, where: str, what: str) -> None:
    """Refuse to go on where packages of an extra are missing.

    Arguments:
        extra: `serve` or `explore`.
        where: The command.
        what: Who needs them.

    Raises:
        MachineError: naming what is missing, and how it is installed.
    """
    missing = []
    for name in PACKAGES[extra]:
        try:
            __import__(name)
        except ImportError:
            missing.append(name)
    if missing:
        raise MachineError(
            f"{what} needs packages that are not installed: {', '.join(missing)}.",
            where=where,
            how=f"Install them: pip install 'latentia[{extra}]'.",
        )


def require_port(port: int) -> None:
    """Refuse what is no port.

    Raises:
        UsageError: if it is not 0 to 65535.

    Example:
        >>> require_port(8000)
    """
    if not 0 <= port <= 65535:
        raise UsageError(
            f"There is no port {port}.", where=f"--port {port}", how="Use one of 0 to 65535."
        )
