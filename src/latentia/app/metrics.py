"""What the service counts, as Prometheus reads it."""

from __future__ import annotations

from typing import final

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from latentia.app.gate import Gate
from latentia.app.worker import Batch

__all__ = ["MEDIA_TYPE", "Metrics"]

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_MANY = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


@final
class Metrics:
    """Counters of one service, in a registry of its own.

    Arguments:
        gate: Whose present numbers are shown.

    Example:
        >>> from latentia.app.limits import Limits
        >>> metrics = Metrics(Gate(Limits()))
        >>> metrics.answered("encode", 429, 0.001)
        >>> b'latentia_requests_total{operation="encode",status="429"} 1.0' in metrics.text()
        True
    """

    def __init__(self, gate: Gate) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._requests = Counter(
            "latentia_requests",
            "Requests answered, by operation and HTTP status.",
            ["operation", "status"],
            registry=registry,
        )
        self._seconds = Histogram(
            "latentia_request_seconds",
            "Seconds from a request's head to its answer.",
            ["operation"],
            buckets=_SECONDS,
            registry=registry,
        )
        self._batches = Histogram(
            "latentia_batch_requests",
            "Requests worked on in one pass of the model.",
            ["operation"],
            buckets=_MANY,
            registry=registry,
        )
        self._rows = Counter(
            "latentia_rows", "Rows that the model saw.", ["operation"], registry=registry
        )
        self._work = Counter(
            "latentia_model_seconds", "Seconds of work.", ["operation"], registry=registry
        )
        inside = Gauge("latentia_requests_inside", "Requests not yet answered.", registry=registry)
        inside.set_function(lambda: gate.requests)
        rows = Gauge("latentia_rows_inside", "Rows not yet answered.", registry=registry)
        rows.set_function(lambda: gate.rows)
        size = Gauge("latentia_body_bytes_inside", "Bytes of their bodies.", registry=registry)
        size.set_function(lambda: gate.size)

    def answered(self, operation: str, status: int, seconds: float) -> None:
        """Count a request that was answered."""
        self._requests.labels(operation, str(status)).inc()
        self._seconds.labels(operation).observe(seconds)

    def worked(self, name: str, batch: Batch) -> None:
        """Count a pass of the model; one of a later portion is no pass of requests."""
        if batch.requests:
            self._batches.labels(name).observe(batch.requests)
        self._rows.labels(name).inc(batch.rows)
        self._work.labels(name).inc(batch.seconds)

    def text(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self._registry)
