"""What goes wrong, as `application/problem+json`: what, where and how to mend it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from http import HTTPStatus

from starlette.responses import Response

from latentia.errors import DataError, LatentiaError, MachineError, RunError, UsageError
from latentia.voice import keywords

__all__ = ["MEDIA_TYPE", "Refused", "problem_of"]

MEDIA_TYPE = "application/problem+json"
_MEMORY = "There is not enough memory for this request."
# The first class that an error is of says its status.
_STATUS: tuple[tuple[type[Exception], int], ...] = (
    (UsageError, 422),
    (DataError, 422),
    (RunError, 409),
    (MachineError, 503),
    (LatentiaError, 422),
)


class Refused(Exception):
    """A request that gets no result, with the answer that it gets instead (RFC 9457).

    Arguments:
        status: The HTTP status.
        what: What is wrong, in one sentence.
        where: Which header, option, row or column is concerned.
        how: How to mend it.
        headers: Headers that say more, such as `Retry-After`.

    Example:
        >>> Refused(413, "The body is too large.").response().media_type
        'application/problem+json'
    """

    def __init__(
        self,
        status: int,
        what: str,
        *,
        where: str = "",
        how: str = "",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(what)
        self.status, self.what, self.where, self.how = status, what, where, how
        self.headers = dict(headers or {})

    def response(self) -> Response:
        """Return it as a response."""
        content = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.what,
        }
        content |= {k: v for k, v in (("where", self.where), ("how", self.how)) if v}
        text = json.dumps(content, ensure_ascii=False)
        return Response(text, status_code=self.status, headers=self.headers, media_type=MEDIA_TYPE)


def problem_of(error: Exception) -> Refused:
    """Return what a client is told of an error; nothing of its traceback.

    Errors of this package speak of fields as Python's keywords do; what nobody foresaw is a 500.

    Arguments:
        error: What was raised.

    Example:
        >>> problem_of(UsageError("No.", where="--condition label")).where
        'condition label'
    """
    if isinstance(error, Refused):
        return error
    for kind, status in _STATUS:
        if isinstance(error, kind) and isinstance(error, LatentiaError):
            what, where, how = map(keywords, (error.what, error.where, error.how))
            return Refused(status, what, where=where, how=how)
    if isinstance(error, MemoryError) or "allocate memory" in str(error).lower():
        return Refused(503, _MEMORY, how="Ask for fewer rows.", headers={"Retry-After": "5"})
    return Refused(
        500,
        "The service failed on this request.",
        how="Its log says why; other requests are not concerned.",
    )
