"""Who may speak to the service: loopback, or whoever has the token; never another site's page."""

from __future__ import annotations

import hmac
import ipaddress
import socket
from collections.abc import Iterable
from typing import final
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from latentia.app.problems import Refused
from latentia.errors import UsageError

__all__ = ["Guard", "Token", "is_loopback", "require_names", "require_token"]

# What a browser may do with an answer: nothing.
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
}
_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_SHORTEST = 16


def is_loopback(address: str) -> bool:
    """Whether an address is this machine's own, which no other can reach.

    Example:
        >>> is_loopback("127.0.0.1"), is_loopback("0.0.0.0")
        (True, False)
    """
    return ipaddress.ip_address(address.partition("%")[0]).is_loopback


def require_token(address: str, token: str | None) -> None:
    """Refuse to serve others without a token, or with one that can be guessed.

    Raises:
        UsageError: saying why.
    """
    make = "Make one: python -c 'import secrets; print(secrets.token_urlsafe())'."
    if token is None:
        if not is_loopback(address):
            raise UsageError(
                f"{address} can be reached by others, and there is no token.",
                where="--host",
                how=f"Give --token, or LATENTIA_TOKEN. {make}",
            )
        return
    if len(token) < _SHORTEST or not token.isascii() or not token.isprintable() or " " in token:
        raise UsageError(
            f"A token has at least {_SHORTEST} letters, digits and signs, and no spaces.",
            where="--token",
            how=make,
        )


def require_names(names: Iterable[str]) -> None:
    """Refuse what is no name of a host, and would match no `Host`, which has no scheme or path.

    Raises:
        UsageError: saying which name is meant, if one is.
    """
    for name in names:
        meant = _host_of(name)
        is_whole = not set(name) & set("*,; \t\n")
        if (meant == name.lower() and is_whole) or _is_address(name):
            continue
        raise UsageError(
            f"{name!r} matches no client's `Host`: a name has no scheme, port, path, star or "
            "blank.",
            where=f"--names {name}",
            how=f"Use --names {meant}."
            if meant and is_whole
            else "Name each host in full, with commas between.",
        )


@final
class Token:
    """A dependency of every route that works: `Authorization: Bearer TOKEN`.

    Arguments:
        token: The token; None where everybody who reaches the service may use it.
    """

    def __init__(self, token: str | None) -> None:
        self._token = None if token is None else token.encode()

    async def __call__(self, request: Request) -> None:
        """Let the request pass.

        Raises:
            Refused: 401 where it has no token, or another.
        """
        if self._token is None:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        same = hmac.compare_digest(given.strip().encode("latin1"), self._token)
        if scheme.lower() != "bearer" or not same:
            raise Refused(
                401,
                "This service wants its token.",
                where="Authorization",
                how="Send the header Authorization: Bearer TOKEN.",
                headers={"WWW-Authenticate": "Bearer"},
            )


@final
class Guard:
    """The outermost layer: `Host` and `Origin` are checked, and every answer is hardened.

    A page of another site that a browser shows could otherwise make it ask here: by a name that
    leads to 127.0.0.1 (which `Host` gives away) or from its own origin.

    Arguments:
        app: What it stands before.
        address: The address that is listened on.
        names: Names by which clients may call it, beside those of loopback.
        policy: What a browser may do with an answer, as a Content-Security-Policy; of a page, what
            it needs. A page may also be come to from another site, by a link.
    """

    def __init__(
        self, app: ASGIApp, address: str, names: Iterable[str] = (), policy: str = ""
    ) -> None:
        self._app = app
        self._headers = {"Content-Security-Policy": policy or _NOTHING, **_HEADERS}
        self._is_page = bool(policy)
        self._names = {name.lower() for name in (*_LOOPBACK, address, *names)}
        self._open = not is_loopback(address)
        if self._open:
            self._names.add(socket.gethostname().lower())

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return

        async def hardened(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(self._headers)
            await send(message)

        try:
            self._require(Headers(scope=scope), scope["method"])
        except Refused as refused:
            await refused.response()(scope, receive, hardened)
            return
        await self._app(scope, receive, hardened)

    def _require(self, headers: Headers, method: str) -> None:
        host = headers.get("host", "")
        if not self._is_ours(host):
            raise Refused(
                421,
                "This service does not go by that name.",
                where="Host",
                how="Ask by its address, or start it with --names NAME.",
            )
        origin, site = headers.get("origin"), headers.get("sec-fetch-site")
        own = origin is None or urlsplit_or_none(origin) == host.lower()
        # By a link a page is shown, whole and on its own; nobody else reads or frames it.
        linked = headers.get("sec-fetch-mode") == "navigate" and method == "GET"
        if self._is_page and linked and headers.get("sec-fetch-dest") == "document":
            return
        if not own or site not in (None, "same-origin", "none"):
            raise Refused(
                403,
                "Pages of other sites may not ask this service.",
                where="Origin",
                how="Open the page by the address that was printed when it was started."
                if self._is_page
                else "Ask from a program that sends no Origin, such as your own site's server.",
            )

    def _is_ours(self, host: str) -> bool:
        """Whether a `Host` header names this service; its port is whatever leads here."""
        parts = urlsplit_or_none(f"//{host}")
        if not parts or parts != host.lower() or "@" in host:
            return False
        name = (urlsplit(f"//{host}").hostname or "").lower()
        return name in self._names or (self._open and _is_address(name))


def urlsplit_or_none(url: str) -> str | None:
    """Return the host and port of a URL in lower case, None where it is none.

    Example:
        >>> urlsplit_or_none("http://Localhost:8000"), urlsplit_or_none("null")
        ('localhost:8000', None)
    """
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        return None
    return parts.netloc.lower() or None


def _host_of(name: str) -> str:
    """Return the host in what may be a whole URL; empty where there is none."""
    try:
        return urlsplit(name if "//" in name else f"//{name}").hostname or ""
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    """Whether a name is an address, which nobody can make lead elsewhere."""
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
