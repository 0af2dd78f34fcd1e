import gzip
import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from latentia.data._download import content_sha256, download
from latentia.errors import MachineError

CONTENT = np.random.default_rng(0).integers(0, 256, 300_000, dtype=np.uint8).tobytes()
PACKED = gzip.compress(CONTENT, mtime=0)
SHA = hashlib.sha256(CONTENT).hexdigest()


class Files(BaseHTTPRequestHandler):
    """Serves `server.files`, with ranges; `/cut/...` breaks off, `/plain/...` knows no ranges."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        _, how, name = self.path.split("/")
        wanted = self.headers.get("Range")
        self.server.asked.append((self.path, wanted))
        body = self.server.files.get(name)
        if body is None:
            return self.send_error(404)
        start = 0
        if wanted and how != "plain":
            start = int(wanted.removeprefix("bytes=").removesuffix("-"))
            if start >= len(body):
                return self.send_error(416)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(len(body) - start))
        self.send_header("Connection", "close")
        self.end_headers()
        body = body[start:]
        self.wfile.write(body[: len(body) // 2] if how == "cut" else body)
        self.close_connection = True
        return None

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with ThreadingHTTPServer(("127.0.0.1", 0), Files) as running:
        running.files, running.asked = {"f.gz": PACKED, "bad.gz": gzip.compress(b"other")}, []
        running.url = f"http://127.0.0.1:{running.server_port}"
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield running
        running.shutdown()
        thread.join()


def part_of(target):
    return target.with_name(target.name + ".part")


def test_a_file_arrives_whole(server, tmp_path):
    target = tmp_path / "new" / "folder" / "f.gz"
    assert download([f"{server.url}/ok/f.gz"], target, sha256=SHA) == target
    assert target.read_bytes() == PACKED
    assert not part_of(target).exists()


def test_what_is_there_is_not_fetched_again(server, tmp_path):
    (tmp_path / "f.gz").write_bytes(b"mine")
    download([f"{server.url}/ok/f.gz"], tmp_path / "f.gz", sha256=SHA)
    assert server.asked == [] and (tmp_path / "f.gz").read_bytes() == b"mine"


def test_an_interrupted_download_is_continued(server, tmp_path):
    target = tmp_path / "f.gz"
    with pytest.raises(MachineError, match="ended before"):
        download([f"{server.url}/cut/f.gz"], target, sha256=SHA)
    half = part_of(target).stat().st_size
    assert half == len(PACKED) // 2 and not target.exists()
    download([f"{server.url}/ok/f.gz"], target, sha256=SHA)
    assert target.read_bytes() == PACKED
    assert server.asked[-1] == ("/ok/f.gz", f"bytes={half}-")


def test_the_next_mirror_continues_where_the_first_broke_off(server, tmp_path):
    target = tmp_path / "f.gz"
    download([f"{server.url}/cut/f.gz", f"{server.url}/ok/f.gz"], target, sha256=SHA)
    assert target.read_bytes() == PACKED


def test_a_server_without_ranges_starts_again(server, tmp_path):
    target = tmp_path / "f.gz"
    part_of(target).write_bytes(PACKED[:1000])
    download([f"{server.url}/plain/f.gz"], target, sha256=SHA)
    assert target.read_bytes() == PACKED


def test_a_complete_part_only_needs_its_name(server, tmp_path):
    target = tmp_path / "f.gz"
    part_of(target).write_bytes(PACKED)
    download([f"{server.url}/ok/f.gz"], target, sha256=SHA)
    assert target.read_bytes() == PACKED and len(server.asked) == 1


def test_a_continuation_that_does_not_fit_starts_again(server, tmp_path):
    target = tmp_path / "f.gz"
    part_of(target).write_bytes(b"left by another mirror")
    download([f"{server.url}/ok/f.gz"], target, sha256=SHA)
    assert target.read_bytes() == PACKED
    assert [asked for _, asked in server.asked] == ["bytes=22-", None]


def test_wrong_content_is_thrown_away_and_named(server, tmp_path):
    target = tmp_path / "f.gz"
    with pytest.raises(MachineError, match=r"bad\.gz: wrong content \(sha256 .*not " + SHA[:12]):
        download([f"{server.url}/ok/bad.gz"], target, sha256=SHA)
    assert list(tmp_path.iterdir()) == []


def test_every_mirror_that_failed_is_named(server, tmp_path):
    urls = [f"{server.url}/ok/absent", "http://127.0.0.1:1/f.gz"]
    with pytest.raises(
        MachineError, match=r"absent: Not Found; http://127.0.0.1:1/f.gz: .*refused"
    ):
        download(urls, tmp_path / "f.gz", sha256=SHA)


def test_a_folder_that_cannot_be_made_is_named(server, tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(MachineError, match="cannot be made"):
        download([f"{server.url}/ok/f.gz"], tmp_path / "file" / "f.gz", sha256=SHA)


def test_the_checksum_is_of_the_unpacked_content(tmp_path):
    (tmp_path / "a").write_bytes(CONTENT)
    (tmp_path / "b").write_bytes(gzip.compress(CONTENT, 1))
    (tmp_path / "c").write_bytes(PACKED[:-100])
    assert content_sha256(tmp_path / "a") == content_sha256(tmp_path / "b") == SHA
    assert content_sha256(tmp_path / "c") == ""


def test_a_terminal_sees_a_progress_bar(server, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "100")
    download([f"{server.url}/ok/f.gz"], tmp_path / "f.gz", sha256=SHA)
    shown = capsys.readouterr()
    assert "f.gz" in shown.err and "kB" in shown.err and shown.out == ""
