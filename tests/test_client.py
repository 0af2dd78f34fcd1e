"""The client gives what the estimator gives, and the service's errors as the package's."""

import http.server
import json
import threading

import numpy as np
import pytest

from latentia.app.limits import Limits
from latentia.app.server import Server, bound, url_of
from latentia.app.service import Service
from latentia.client import Client
from latentia.errors import DataError, MachineError, RunError, UsageError
from latentia.estimator._load import load

TOKEN = "a-token-that-nobody-guesses"


@pytest.fixture(scope="module")
def live():
    started = []

    def start(run, token=None, **limits):
        service = Service(load(run, device="cpu"), Limits(**limits), token=token)
        listener, begun = bound("127.0.0.1", 0), threading.Event()
        server = Server(service, service.app(), begun.set)
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        assert begun.wait(60)
        started.append((server, thread))
        return Client(url_of(listener), token=token)

    yield start
    for server, thread in started:
        server.should_exit = True
        thread.join(30)


def test_tables(live, table_run):
    client, model = live(table_run, rows=50), load(table_run, device="cpu")
    x = np.random.default_rng(0).normal([10, 20, -1], [4, 8, 0.1], (5, 3))
    x[0, 1] = np.nan
    assert client.ready
    assert client.model()["columns"] == ["height", "weight", "depth"]
    mean, deviation = client.encode(x)
    np.testing.assert_array_equal((mean, deviation), model.moments(x))
    rows = [dict(zip(("height", "weight", "depth"), row, strict=True)) for row in x]
    np.testing.assert_array_equal(client.encode(rows), (mean, deviation))
    with_none = [[None if cell != cell else cell for cell in row] for row in x.tolist()]
    np.testing.assert_array_equal(client.encode(with_none), (mean, deviation))
    np.testing.assert_array_equal(client.decode(mean), model.inverse_transform(mean))
    np.testing.assert_array_equal(client.reconstruct(x), model.reconstruct(x))
    np.testing.assert_array_equal(
        client.sample(4, seed=2, temperature=0.5),
        model.sample(4, temperature=0.5, random_state=2),
    )
    np.testing.assert_array_equal(
        client.interpolate(x[1], x[2], steps=3, method="spherical"),
        model.interpolate(x[1], x[2], steps=3, method="spherical"),
    )
    scores = client.score(x, n_importance=20, seed=1)
    np.testing.assert_array_equal(
        scores.log_likelihood, model.score_samples(x, 20, random_state=1)
    )
    np.testing.assert_allclose(scores.elbo, scores.reconstruction - scores.kl, rtol=1e-6)
    estimate = model.evidence(x, 20, random_state=1)
    np.testing.assert_array_equal(scores.error, estimate.error)
    np.testing.assert_array_equal(scores.effective_samples, estimate.effective_samples)
    assert scores.notes == ()
    with pytest.raises(UsageError, match="50"):
        client.sample(51)
    with pytest.raises(UsageError, match="Expected examples"):
        client.encode(x[:, :2])
    with pytest.raises(UsageError, match="are not read"):
        client.encode(x * 1j)
    with pytest.raises(DataError, match="more than 8388608 bytes"):
        client.encode(np.zeros((400_000, 3)))


def test_conditions_and_bytes(live, told_run, inked):
    client, model = live(told_run), load(told_run, device="cpu")
    x = inked[:2]
    for condition in ("stroke", ["none", "stroke"], {"label": "none"}, np.array(["none"] * 2)):
        expected = model.given(condition)
        np.testing.assert_array_equal(
            client.encode(x, condition=condition)[0], expected.transform(x)
        )
        np.testing.assert_array_equal(client.sample(2, condition=condition), expected.sample(2))
    with pytest.raises(UsageError, match="nothing says c"):
        client.encode(x)


def test_what_the_service_notes_is_a_warning_where_it_was_asked(live, inked_run, inked):
    client = live(inked_run)
    negative = np.where(inked[:1] > 100, 0, 255).astype(np.uint8)
    with pytest.warns(UserWarning, match="Bright and dark look swapped") as caught:
        mean, _ = client.encode(negative)
    assert len(caught) == 1 and caught[0].filename == __file__ and mean.shape == (1, 2)
    with pytest.warns(UserWarning) as caught:
        scores = client.score(inked[:2], n_importance=5)
    (note,) = scores.notes
    assert str(caught[0].message) == note and "drawn black or white" in note
    assert caught[0].filename == __file__ and scores.error.shape == (2,)


def test_a_token_and_what_a_model_cannot_do(live, point_run):
    client = live(point_run, token=TOKEN)
    with pytest.raises(RunError, match="autoencoder"):
        client.sample(1)
    stranger = Client(client._url, token="another-token-than-that")
    assert stranger.ready  # which everybody may ask
    with pytest.raises(UsageError, match="wants its token"):
        stranger.model()


def test_where_nobody_answers(says):
    with bound("127.0.0.1", 0) as listener:
        url = url_of(listener)
    client = Client(url, timeout=5)
    assert not client.ready
    with pytest.raises(MachineError) as caught:
        client.model()
    says(caught.value, "does not answer", url, "latentia serve")


@pytest.mark.parametrize("url", ["127.0.0.1:8000", "ftp://x", "http://", ""])
def test_what_is_no_address(url):
    with pytest.raises(UsageError):
        Client(url)


@pytest.fixture
def script():
    """Return a function that starts a server which answers what it is told to, one by one."""
    servers = []

    def start(*answers):
        left = list(answers)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                status, headers, body = left.pop(0)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *given):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=server.serve_forever).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}", left

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def problem(detail):
    return json.dumps({"detail": detail, "how": "Wait."}).encode()


def test_it_comes_again_when_it_is_told_to(script, monkeypatch):
    pauses = []
    monkeypatch.setattr("latentia.client.time.sleep", pauses.append)
    url, left = script(
        (429, {"Retry-After": "2"}, problem("Full.")),
        (503, {"Retry-After": "1"}, problem("Stopping.")),
        (200, {}, b'{"name": "m"}'),
    )
    assert Client(url).model() == {"name": "m"}
    assert pauses == [2.0, 1.0] and not left


def test_it_gives_up_where_waiting_takes_longer_than_its_time(script, monkeypatch):
    monkeypatch.setattr("latentia.client.time.sleep", lambda seconds: pytest.fail("it waited"))
    url, _ = script((429, {"Retry-After": "60"}, problem("Full.")))
    with pytest.raises(MachineError, match="Full"):
        Client(url, timeout=5).model()
    url, _ = script((503, {}, problem("No memory.")))
    with pytest.raises(MachineError, match="No memory"):
        Client(url, timeout=5).model()


def test_an_answer_of_somebody_else_is_an_error_too(script):
    url, _ = script((502, {}, b"<html>"), (404, {}, b"[]"))
    with pytest.raises(MachineError, match="502"):
        Client(url).model()
    with pytest.raises(UsageError, match="404"):
        Client(url).model()
