"""Who may ask: this machine, or whoever has the token; no page of another site, no other name."""

import pytest

from latentia.app.security import Guard, is_loopback, require_names, require_token
from latentia.errors import UsageError

TOKEN = "a-token-that-nobody-guesses"


@pytest.mark.parametrize("host", ["localhost", "LOCALHOST:8000", "127.0.0.1:9", "[::1]:8000"])
def test_names_of_loopback_are_its_own_at_any_port(table, host):
    """A tunnel (ssh -L) comes by another port."""
    assert table.get("/health", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        *("evil.com", "localhost.evil.com", "evil.com:8000", "127.0.0.1.nip.io", "10.0.0.1"),
        *("", "localhost:x", "user@localhost", "localhost/..", "[::1", "127.0.0.1#@evil.com"),
        *("0.0.0.0", "local host", "localhost,evil.com", "::1"),
    ],
)
def test_other_names_are_not(table, host):
    said = table.get("/health", headers={"host": host})
    assert said.status_code == 421, host
    assert said.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.com"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:8001"},
        {"origin": ""},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "http://127.0.0.1", "sec-fetch-site": "cross-site"},
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE", "OPTIONS"])
def test_pages_of_other_sites_may_not_ask(table, headers, method):
    said = table.request(method, "/v1/sample", headers=headers)
    assert said.status_code == 403 and "no Origin" in said.json()["how"]
    assert not [name for name in said.headers if name.startswith("access-control")]


def test_its_own_page_may(table):
    own = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    assert table.post("/v1/sample", headers=own).status_code == 200


@pytest.mark.parametrize("path", ["/health", "/v1/model", "/nothing", "/v1/encode", "/metrics"])
def test_every_answer_is_hardened(table, path):
    said = table.get(path)
    assert said.headers["content-security-policy"].startswith("default-src 'none'")
    assert said.headers["x-content-type-options"] == "nosniff"
    assert said.headers["cache-control"] == "no-store"
    assert not [name for name in said.headers if name.startswith("access-control")]
    assert "server" not in said.headers


GUARDED = [
    *(("GET", "/v1/model"), ("GET", "/metrics"), ("GET", "/openapi.json")),
    *(("POST", f"/v1/{name}") for name in ("encode", "decode", "sample", "score")),
    *(("POST", f"/v1/{name}") for name in ("reconstruct", "interpolate")),
]


@pytest.mark.parametrize(("method", "path"), GUARDED)
def test_what_works_or_tells_wants_the_token(serving, table_run, method, path):
    client = serving(table_run, token=TOKEN)
    wrong = (
        *({}, {"authorization": TOKEN}, {"authorization": f"Basic {TOKEN}"}),
        *({"authorization": f"Bearer {TOKEN[:-1]}"}, {"authorization": "Bearer"}),
        {"authorization": f"Bearer {TOKEN}x"},
        {"authorization": b"Bearer \xff\xfe"},
    )
    for headers in wrong:
        said = client.request(method, path, headers=headers)
        assert said.status_code == 401, headers
        assert said.headers["www-authenticate"] == "Bearer"
    right = client.request(method, path, headers={"authorization": f"bearer {TOKEN}"})
    assert right.status_code in (200, 422)


def test_every_route_but_two_is_guarded(serving, table_run):
    client = serving(table_run, token=TOKEN)
    said = client.get("/openapi.json", headers={"authorization": f"Bearer {TOKEN}"}).json()
    every = {(m.upper(), path) for path, methods in said["paths"].items() for m in methods}
    assert every | {("GET", "/openapi.json")} == {
        *GUARDED,
        ("GET", "/health"),
        ("GET", "/ready"),
    }
    for path in ("/health", "/ready"):
        assert client.get(path).status_code == 200
        assert "security" not in said["paths"][path]["get"]
    assert said["paths"]["/v1/encode"]["post"]["security"] == [{"token": []}]


def test_the_open_address_goes_by_numbers_and_the_names_given(serving, table_run):
    client = serving(table_run, token=TOKEN, address="0.0.0.0", names=("models.example",))
    for host in ("10.1.2.3:8000", "[fe80::1]", "Models.Example", "localhost"):
        assert client.get("/health", headers={"host": host}).status_code == 200
    assert client.get("/health", headers={"host": "evil.com"}).status_code == 421


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        *(("http://proxy.example", "proxy.example"), ("https://Proxy.example/x", "proxy.example")),
        *(("proxy.example:8443", "proxy.example"), ("proxy.example/", "proxy.example")),
        *(("one.example two.example", ""), ("one.example;two.example", "")),
        *(("[::1]", "::1"), ("*.example", ""), ("http://", ""), ("[::1", "")),
    ],
)
def test_a_name_that_no_client_can_say_is_refused(name, meant, says):
    with pytest.raises(UsageError) as caught:
        require_names(["fine.example", name])
    says(caught.value, name, "--names", f"--names {meant}." if meant else "in full")


def test_names_and_addresses_are_names():
    require_names(["proxy.example", "Proxy", "10.0.0.1", "fe80::1", "my_host"])
    require_names([])


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "192.168.1.2", "fe80::1%eth0"])
def test_others_need_a_token(address, says):
    assert not is_loopback(address)
    with pytest.raises(UsageError) as caught:
        require_token(address, None)
    says(caught.value, "reached by others", "--token", "secrets")
    require_token(address, TOKEN)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1"])
def test_this_machine_needs_none(address):
    require_token(address, None)


@pytest.mark.parametrize("token", ["", "short", "with spaces in between", "gänzlich-anders-hier"])
def test_tokens_that_are_none(token, says):
    with pytest.raises(UsageError) as caught:
        require_token("127.0.0.1", token)
    says(caught.value, "at least 16", "--token")
    assert token == "" or token not in str(caught.value)


def test_the_guard_lets_other_protocols_through_to_be_refused_there():
    async def app(scope, receive, send):
        seen.append(scope["type"])

    import asyncio

    seen = []
    asyncio.run(Guard(app, "127.0.0.1")({"type": "lifespan"}, None, None))
    assert seen == ["lifespan"]
