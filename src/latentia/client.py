"""A client of `latentia serve`: arrays out, arrays back, errors as those of the package."""

from __future__ import annotations

import io
import json
import time
import warnings
from collections.abc import Mapping, Sequence
from email.message import Message
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any, Literal, NamedTuple, final
from urllib.parse import urlencode, urlsplit

import numpy as np
import numpy.typing as npt

from latentia.errors import DataError, LatentiaError, MachineError, RunError, UsageError

__all__ = ["Client", "Scores"]

Array = npt.NDArray[Any]
_JSON, _NPY, _NOTES = "application/json", "application/x-npy", "X-Notes"
_AGAIN = (429, 503)
_ERRORS: dict[int, type[LatentiaError]] = {409: RunError, 429: MachineError, 408: MachineError}


class Scores(NamedTuple):
    """What the service says of n examples, in nats.

    Of a model of black and white and grey examples all of it is about one draw of them, that of
    the seed and of each example's place, which `notes` then say.

    Arguments:
        log_likelihood: log p(x), (n,); NaN where the model's numbers are no likelihood, or
            q(z|x) is a single code: the ELBO is then the score.
        elbo: reconstruction - kl, (n,); NaN where it bounds nothing, as of points.
        reconstruction: E_q[log p(x|z)], (n,).
        kl: KL(q(z|x) || p(z)), (n,); NaN likewise.
        error: How far log p(x) of this draw may be off by the weights of its samples, (n,); NaN
            where there is none.
        effective_samples: Effective sample size of these weights, (n,); NaN likewise.
        notes: What was done to the examples, and what is to be known of the numbers.
    """

    log_likelihood: Array
    elbo: Array
    reconstruction: Array
    kl: Array
    error: Array
    effective_samples: Array
    notes: tuple[str, ...] = ()


class _Found(NamedTuple):
    """An array that came back, with what the service notes of it."""

    array: Array
    notes: tuple[str, ...]


class _Answer(NamedTuple):
    """A response that was read whole."""

    status: int
    headers: Message
    content: bytes


@final
class Client:
    """Asks a service for what an estimator does.

    Where the service is full it waits as long as it is told to (`Retry-After`) and asks again,
    until its own time is over. What it notes of an answer, such as that pictures look like
    negatives, is a `UserWarning`.

    Arguments:
        url: Where the service is, such as `http://127.0.0.1:8000`.
        token: The service's token, if it has one.
        timeout: Seconds after which a call gives up, waiting and asking again included.

    Example:
        >>> Client("http://127.0.0.1:8000", timeout=5)
        Client('http://127.0.0.1:8000')
    """

    def __init__(self, url: str, *, token: str | None = None, timeout: float = 60.0) -> None:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise UsageError(
                f"{url!r} is no address of a service.",
                where="url",
                how="Give what `latentia serve` printed, such as http://127.0.0.1:8000.",
            )
        self._url, self._parts = url.rstrip("/"), parts
        self._token, self._timeout = token, timeout

    def __repr__(self) -> str:
        return f"Client({self._url!r})"

    @property
    def ready(self) -> bool:
        """Whether the service is there and takes work."""
        try:
            return self._once("GET", "/ready", b"", {}, self._timeout).status == 200
        except MachineError:
            return False

    def model(self) -> dict[str, Any]:
        """Return what the service says of its model and limits."""
        found: dict[str, Any] = json.loads(self._asked("GET", "/v1/model", b"", {}).content)
        return found

    def encode(self, X: Any, *, condition: Any = None) -> tuple[Array, Array]:
        """Return the means and standard deviations of q(z|x), (n, L) each.

        Arguments:
            X: Examples (n, ...), or a list of rows by column name; NaN or None is a missing cell.
            condition: Of a model of p(x|c): one value for all, a list of one for each, or a
                dictionary of these by name.
        """
        mean, deviation = self._rows("encode", "x", X, {}, condition).array
        return mean, deviation

    def decode(self, Z: Any, *, condition: Any = None) -> Array:
        """Return E[x|z] of latents Z (n, L), (n, ...)."""
        return self._rows("decode", "z", Z, {}, condition).array

    def reconstruct(self, X: Any, *, condition: Any = None) -> Array:
        """Return E[x|z] at the posterior means of X, (n, ...)."""
        return self._rows("reconstruct", "x", X, {}, condition).array

    def sample(
        self,
        n: int = 1,
        *,
        seed: int = 0,
        values: Literal["mean", "draw"] = "draw",
        temperature: float = 1.0,
        condition: Any = None,
    ) -> Array:
        """Return new examples, (n, ...): draws x ~ p(x|z), or E[x|z]; z ~ p(z).

        Arguments:
            n: How many.
            seed: The same seed gives the same samples.
            values: `draw` or `mean`.
            temperature: What the prior's deviations are multiplied by.
            condition: As for `encode`.
        """
        asked = {"n": n, "seed": seed, "values": values, "temperature": temperature}
        return self._told("sample", asked, condition).array

    def score(
        self, X: Any, *, n_importance: int = 100, seed: int = 0, condition: Any = None
    ) -> Scores:
        """Return log p(x), its error, the ELBO and its parts of examples X, (n,) nats each."""
        asked = {"n_importance": n_importance, "seed": seed}
        found = self._rows("score", "x", X, asked, condition)
        if found.array.shape[1:] != (len(Scores._fields) - 1,):
            raise MachineError(
                f"The service tells {found.array.shape[-1]} numbers of an example, "
                f"not {len(Scores._fields) - 1}.",
                where=self._url,
                how="Use the same version of latentia for the service and its client.",
            )
        return Scores(*found.array.T)._replace(notes=found.notes)

    def interpolate(
        self,
        a: Any,
        b: Any,
        *,
        steps: int = 11,
        method: Literal["linear", "spherical"] = "linear",
        condition: Any = None,
    ) -> Array:
        """Return decodes on the way from example a to example b, (steps, ...)."""
        asked = {"steps": steps, "method": method}
        return self._rows("interpolate", "x", [a, b], asked, condition).array

    def _rows(
        self, operation: str, name: str, rows: Any, options: dict[str, Any], condition: Any
    ) -> _Found:
        """Ask for something about rows: as .npy where that can say it all, else as JSON."""
        if isinstance(rows, Sequence) and any(isinstance(row, Mapping) for row in rows):
            asked = _as_json({**options, name: list(rows)}, condition)
            return self._found(f"/v1/{operation}", asked, _JSON)
        array = np.asarray(rows)
        if array.dtype.kind == "O":  # None among numbers
            array = array.astype(np.float64)
        if condition is not None:
            many = isinstance(condition, Mapping | list | tuple | np.ndarray)
            written = json.dumps(_plain(condition if many else [condition]))
            options = {**options, "condition": written}
        query = f"?{urlencode(options)}" if options else ""
        file = io.BytesIO()
        np.save(file, array, allow_pickle=False)
        return self._found(f"/v1/{operation}{query}", file.getvalue(), _NPY)

    def _told(self, operation: str, asked: dict[str, Any], condition: Any) -> _Found:
        return self._found(f"/v1/{operation}", _as_json(asked, condition), _JSON)

    def _found(self, path: str, content: bytes, kind: str) -> _Found:
        answer = self._asked("POST", path, content, {"Content-Type": kind, "Accept": _NPY})
        found: Array = np.load(io.BytesIO(answer.content), allow_pickle=False)
        notes = tuple(json.loads(answer.headers.get(_NOTES) or "[]"))
        for note in notes:  # at the line that called the method that called this by one of two
            warnings.warn(note, UserWarning, stacklevel=4)
        return _Found(found, notes)

    def _asked(self, method: str, path: str, content: bytes, headers: dict[str, str]) -> _Answer:
        """Ask until there is an answer, or no time is left."""
        until = time.monotonic() + self._timeout
        while True:
            left = max(0.001, until - time.monotonic())
            given = {**headers, "X-Deadline": f"{max(1.0, left):.3f}"}
            answer = self._once(method, path, content, given, left)
            pause = float(answer.headers.get("Retry-After") or 0)
            if answer.status == 200:
                return answer
            if answer.status not in _AGAIN or not 0 < pause < until - time.monotonic():
                raise _error(answer, self._url)
            time.sleep(pause)

    def _once(
        self, method: str, path: str, content: bytes, headers: dict[str, str], seconds: float
    ) -> _Answer:
        if self._token is not None:
            headers = {**headers, "Authorization": f"Bearer {self._token}"}
        kind = HTTPSConnection if self._parts.scheme == "https" else HTTPConnection
        connection = kind(self._parts.hostname or "", self._parts.port, timeout=seconds)
        try:
            connection.request(method, self._parts.path.rstrip("/") + path, content, headers)
            response = connection.getresponse()
            return _Answer(response.status, response.headers, response.read())
        except (OSError, HTTPException) as error:
            raise MachineError(
                f"The service does not answer: {error or type(error).__name__}.",
                where=self._url,
                how="Start it with `latentia serve RUN`, and give the address that it prints.",
            ) from None
        finally:
            connection.close()


def _as_json(asked: dict[str, Any], condition: Any) -> bytes:
    """Return a body: options and rows, with the condition if one is said."""
    given = asked if condition is None else {**asked, "condition": condition}
    return json.dumps(_plain(given), allow_nan=False).encode()


def _error(answer: _Answer, url: str) -> LatentiaError:
    """Return what the service says is wrong, as the error that this package has for it."""
    try:
        told = json.loads(answer.content)
        what, where, how = told["detail"], told.get("where", ""), told.get("how", "")
    except (ValueError, KeyError, TypeError, AttributeError):
        what, where, how = f"The service answered {answer.status}.", url, ""
    known = UsageError if answer.status < 500 else MachineError
    kind = DataError if answer.status in (400, 413) else _ERRORS.get(answer.status, known)
    return kind(what, where=where, how=how)


def _plain(value: Any) -> Any:
    """Return a value as JSON knows it: NaN is null, a missing cell."""
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray | np.generic):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return None if isinstance(value, float) and value != value else value
