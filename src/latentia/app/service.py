"""The service put together: a model, its limits, and the paths by which it is asked."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from importlib.metadata import version
from math import prod
from typing import Any, NamedTuple, final

import numpy as np
from fastapi import APIRouter, Depends, FastAPI
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from latentia import room
from latentia.app import contract
from latentia.app.endpoint import Endpoint, House
from latentia.app.gate import Gate
from latentia.app.limits import Limits
from latentia.app.metrics import MEDIA_TYPE, Metrics
from latentia.app.operation.base import Operation
from latentia.app.problems import Refused, problem_of
from latentia.app.security import Guard, Token
from latentia.app.worker import Batch, Worker
from latentia.estimator.base import Estimator

__all__ = ["Page", "Service", "as_problem"]

_HANDS = 2  # threads that parse and write; one body each, so that memory stays bounded
_STUCK = 2  # deadlines after which a pass of the model is taken for one without end


class Page(NamedTuple):
    """A page before the service.

    Arguments:
        router: What it asks, beside the operations.
        files: Its files.
        policy: What a browser lets it do, as a Content-Security-Policy.
    """

    router: APIRouter
    files: ASGIApp
    policy: str


@final
class Service:
    """A trained model behind HTTP.

    Arguments:
        model: The model; from now on the service's alone.
        limits: What may be asked for; fewer rows where examples are large.
        token: What a client has to show, or None.
        name: What the model is called.

    Example:
        >>> import latentia as lt
        >>> X = lt.data.load("digits", return_X_y=True)[0]
        >>> service = Service(lt.VAE(2, max_epochs=1).fit(X), name="digits")
        >>> service.described()["operations"]
        ['decode', 'encode', 'interpolate', 'reconstruct', 'sample', 'score']
    """

    def __init__(
        self,
        model: Estimator,
        limits: Limits | None = None,
        *,
        token: str | None = None,
        name: str = "model",
    ) -> None:
        width = max(prod(model.schema_.shape), model.latent_dim_)
        self.limits = (limits or Limits()).fitting(width)
        self.name, self._token = name, token
        self._model = model
        self.gate = Gate(self.limits)
        self._metrics = Metrics(self.gate)
        operations: dict[str, Operation] = {
            name: room.load("app.operation", name)() for name in room.names("app.operation")
        }
        self._names = {operation: name for name, operation in operations.items()}
        self.worker = Worker(model, self.limits.rows, self._worked)
        hands = ThreadPoolExecutor(_HANDS, "latentia-hand")
        self._house = House(self.gate, self.worker, hands, self._metrics)
        self._endpoints = [Endpoint(name, one, self._house) for name, one in operations.items()]

    def app(
        self, address: str = "127.0.0.1", names: Iterable[str] = (), page: Page | None = None
    ) -> ASGIApp:
        """Return the whole as an ASGI application.

        Arguments:
            address: The address that it will listen on.
            names: Names by which clients may call it, beside those of loopback.
            page: A page that stands before it, or None.
        """
        inner = FastAPI(
            title=f"Latentia: {self.name}",
            version=version("latentia"),
            description=_DESCRIPTION,
            lifespan=self._lifespan,
            # The pages that FastAPI brings load scripts from elsewhere.
            openapi_url=None,
            docs_url=None,
            redoc_url=None,
            redirect_slashes=False,
        )
        inner.include_router(self._open())
        inner.include_router(self._guarded(inner))
        if page is not None:
            inner.include_router(page.router)
            inner.mount("/", page.files)
        inner.add_exception_handler(Refused, as_problem)
        inner.add_exception_handler(HTTPException, as_problem)
        inner.add_exception_handler(Exception, as_problem)
        return Guard(inner, address, names, "" if page is None else page.policy)

    @property
    def reason_not_ready(self) -> str:
        """Why no work should be sent here now; empty where it should."""
        if self.gate.draining:
            return "The service is stopping."
        if not self.worker.works:
            return "The model's thread is not there."
        if self.gate.full:
            return "The queue is full."
        if self.worker.busy_for > _STUCK * self.limits.deadline:
            return f"One pass of the model takes {self.worker.busy_for:.0f} s already."
        return ""

    def drain(self) -> None:
        """Take no new work from now on; whatever is in will be answered."""
        self.gate.draining = True

    async def drained(self) -> None:
        """Wait until everything that is in has been answered."""
        while self.gate.requests:
            await asyncio.sleep(0.02)

    @asynccontextmanager
    async def _lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        # The first pass is slow, and a model that cannot make it should say so before it serves.
        await loop.run_in_executor(None, self._first_pass)
        self.worker.start()
        try:
            yield
        finally:
            await loop.run_in_executor(None, self.worker.stop)
            self._house.hands.shutdown(wait=False, cancel_futures=True)

    def _first_pass(self) -> None:
        width = sum(one.width for one in self._model.schema_.conditions)
        model = self._model.under(np.zeros((1, width), np.float32) if width else None)
        model.inverse_transform(np.ones((1, model.latent_dim_), np.float32))

    def _worked(self, batch: Batch) -> None:
        if batch.operation not in self._names:  # the page's own work, for which nobody queues
            return
        self.gate.took(batch.seconds / batch.requests)
        self._metrics.worked(self._names[batch.operation], batch)

    def _open(self) -> APIRouter:
        """Return the paths that everybody may ask: they tell nothing but that it lives."""
        router = APIRouter(tags=["state"])

        @router.get("/health", summary="Whether the process lives", responses=_PLAIN)
        async def health() -> dict[str, str]:
            return {"status": "ok"}

        @router.get(
            "/ready",
            summary="Whether work should be sent here",
            responses=_PLAIN | contract.problems(503),
        )
        async def ready() -> dict[str, bool]:
            if why := self.reason_not_ready:
                after = {"Retry-After": str(self.gate.retry_after)}
                raise Refused(503, why, headers=after)
            return {"ready": True}

        return router

    def _guarded(self, app: FastAPI) -> APIRouter:
        """Return the paths for which a token is asked, where there is one."""
        router = APIRouter(dependencies=[Depends(Token(self._token))])
        for endpoint in self._endpoints:
            doc = (type(endpoint.operation).__doc__ or "").split("Example:")[0]
            first, _, rest = doc.partition("\n")
            router.add_api_route(
                f"/v1/{endpoint.name}",
                endpoint.respond,
                methods=["POST"],
                operation_id=endpoint.name,
                summary=first.rstrip("."),
                description=" ".join(rest.split()) or first,
                tags=["model"],
                response_class=Response,
                responses=contract.responses(endpoint),
                openapi_extra=contract.operation_extra(endpoint, self._model.schema_, self.limits),
            )
        closed = _PLAIN | contract.problems(401)

        @router.get("/v1/model", summary="What the model is", tags=["model"], responses=closed)
        async def model() -> dict[str, Any]:
            return self.described()

        @router.get(
            "/metrics",
            summary="Counters, for Prometheus",
            tags=["state"],
            response_class=Response,
            responses=contract.problems(401, 403, 421)
            | {200: {"content": {"text/plain": {"schema": {"type": "string"}}}}},
        )
        async def metrics() -> Response:
            return Response(self._metrics.text(), media_type=MEDIA_TYPE)

        @router.get("/openapi.json", include_in_schema=False)
        async def openapi() -> JSONResponse:
            return JSONResponse(self._specification(app))

        return router

    def _specification(self, app: FastAPI) -> dict[str, Any]:
        found = app.openapi()
        if self._token is not None:
            schemes = found.setdefault("components", {}).setdefault("securitySchemes", {})
            schemes["token"] = {"type": "http", "scheme": "bearer"}
            for path, methods in found["paths"].items():
                if path not in ("/health", "/ready"):
                    for method in methods.values():
                        method["security"] = [{"token": []}]
        return found

    def described(self) -> dict[str, Any]:
        """Return what a client has to know of the model and the limits."""
        model, schema, limits = self._model, self._model.schema_, self.limits
        return {
            "name": self.name,
            "latentia": version("latentia"),
            "estimator": model.kind,
            "latents": model.latent_dim_,
            "shape": list(schema.shape),
            "kind": schema.kind,
            "columns": list(schema.columns),
            "conditions": [
                {"name": one.name, "classes": list(one.classes)} for one in schema.conditions
            ],
            "is_likelihood": not model.config_.no_likelihood,
            "no_likelihood": model.config_.no_likelihood or None,
            "limits": {
                "rows": limits.rows,
                "rows_together": limits.rows_together,
                "bytes": limits.size,
                "bytes_together": limits.size_together,
                "pixels": limits.pixels,
                "draws": limits.draws,
                "requests": limits.requests,
                "deadline": limits.deadline,
            },
            "operations": [endpoint.name for endpoint in self._endpoints],
        }


_DESCRIPTION = (
    "A latent-variable model p(x, z) = p(x|z) p(z). All numbers are nats per example. Rows go in "
    "as JSON or as application/x-npy, images as PNG or JPEG; `Accept` chooses what comes back. "
    "Options stand in a JSON body, or beside any other body in the query."
)
_PLAIN: dict[int | str, dict[str, Any]] = contract.problems(403, 421)


async def as_problem(request: Request, error: Exception) -> Response:
    """Answer what was raised outside of an operation."""
    if isinstance(error, HTTPException):
        others = f"This path takes {(error.headers or {}).get('Allow', 'no such')} requests."
        refused = Refused(
            error.status_code,
            "There is no such path." if error.status_code == 404 else others,
            where=request.scope["path"],
            how="/openapi.json lists what there is.",
            headers=error.headers,
        )
        return refused.response()
    return problem_of(error).response()
