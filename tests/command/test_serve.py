"""`latentia serve`: what it refuses before it listens, and what it says when it does."""

import json
import subprocess
import sys

import pytest

from latentia.app.server import Server
from latentia.app.service import Service


@pytest.fixture
def listened(monkeypatch):
    """Let the server be put together and announced, and not run; return what it was given."""
    seen = []

    def run(server, sockets):
        seen.append((server._service, server.config.app, sockets[0].getsockname()))
        server.started = True
        server._begun()

    monkeypatch.setattr(Server, "run", run)
    return seen


def test_it_says_where_it_is(latentia, table_run, listened):
    said = latentia("serve", table_run, "--port", 0)
    assert said.code == 0, said.err
    (_, _, (host, port)) = listened[0]
    assert host == "127.0.0.1"
    assert said.out.startswith(f"http://127.0.0.1:{port} serves ")
    found = latentia("serve", table_run, "--port", 0, "--json").json
    assert found["url"].startswith("http://127.0.0.1:") and found["token"] is False


def test_its_options_are_the_limits(latentia, table_run, listened):
    wanted = ("--deadline", 7, "--max-requests", 3, "--max-rows", 20, "--max-bytes", 4000)
    assert latentia("serve", table_run, "--port", 0, *wanted, "--max-pixels", 99).code == 0
    service: Service = listened[0][0]
    limits = service.limits
    assert (limits.deadline, limits.requests, limits.rows) == (7.0, 3, 20)
    assert (limits.size, limits.pixels) == (4000, 99)


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_others_are_not_served_without_a_token(latentia, table_run, listened, host, monkeypatch):
    monkeypatch.delenv("LATENTIA_TOKEN", raising=False)
    said = latentia("serve", table_run, "--port", 0, "--host", host)
    assert said.code == 2 and "reached by others" in said.err and "--token" in said.err
    assert not listened


def test_a_token_is_an_option_or_in_the_environment(latentia, table_run, listened, monkeypatch):
    token = "a-token-that-nobody-guesses"
    wanted = ("serve", table_run, "--port", 0, "--host", "0.0.0.0", "--json")
    said = latentia(*wanted, "--token", token, "--names", "one.example, two.example")
    assert said.code == 0 and said.json["token"] is True
    assert {"one.example", "two.example", "0.0.0.0"} <= listened[0][1]._names
    monkeypatch.setenv("LATENTIA_TOKEN", token)
    assert latentia(*wanted).code == 0
    said = latentia(*wanted, "--token", "short")
    assert said.code == 2 and "at least 16" in said.err


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (("--port", 70000), 2, "no port 70000"),
        (("--port", -1), 2, "no port -1"),
        (("--host", "no such host"), 2, "no host called"),
        (("--max-rows", 0), 2, "above 0"),
        (("--names", "one.example, http://proxy.example"), 2, "Use --names proxy.example."),
        (("--deadline", -3), 2, "above 0"),
        (("--host", "192.0.2.1", "--token", "a-token-that-nobody-guesses"), 5, "listened"),
    ],
)
def test_what_cannot_be(latentia, table_run, listened, options, code, words):
    said = latentia("serve", table_run, "--port", 0, *options)
    assert said.code == code and words in said.err
    assert "Traceback" not in said.err and not listened


def test_no_run_and_no_weights(latentia, tmp_path, listened):
    said = latentia("serve", tmp_path, "--port", 0)
    assert said.code == 4 and "no run here" in said.err


def test_a_model_that_cannot_decode_is_not_announced(latentia, table_run, monkeypatch):
    from latentia.estimator.vae import VAE

    def broken(*given):
        raise RuntimeError("broken")

    monkeypatch.setattr(VAE, "inverse_transform", broken)
    said = latentia("serve", table_run, "--port", 0)
    assert said.code == 4 and "cannot decode" in said.err
    assert not said.out


def test_without_the_extra_it_says_what_to_install(latentia, table_run, monkeypatch):
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    said = latentia("serve", table_run)
    assert said.code == 5
    assert "uvicorn" in said.err and "pip install 'latentia[serve]'" in said.err


def test_the_package_works_without_the_extra():
    """Nothing but the service imports its packages."""
    code = (
        "import sys\n"
        "for name in ('fastapi', 'starlette', 'uvicorn', 'prometheus_client'):\n"
        "    sys.modules[name] = None\n"
        "import json, latentia as lt, latentia.client, latentia.cli\n"
        "lt.VAE, lt.load\n"
        "from latentia import room\n"
        "import importlib\n"
        "for name in room.names('command'):\n"
        "    importlib.import_module('latentia.command.' + name.replace('-', '_'))\n"
        "print(json.dumps('fine'))\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=120
    )
    assert said.returncode == 0, said.stderr
    assert json.loads(said.stdout) == "fine"
