"""A file of metrics is followed as it grows, is cut, and is written anew."""

import json
import os

import pytest

from latentia.explorer.followed import Followed
from latentia.run import Run


@pytest.fixture
def run(tmp_path):
    return Run(tmp_path)


def write(run, text, mode="a"):
    with (run.path / "metrics.jsonl").open(mode) as file:
        file.write(text)


def line(epoch):
    return json.dumps({"epoch": epoch}) + "\n"


def epochs(found):
    return [row["epoch"] for row in found.rows]


def test_what_is_new_comes_and_half_a_line_waits(run):
    followed = Followed(run)
    assert epochs(followed.rows()) == []
    write(run, line(1) + line(2)[:5])
    assert epochs(followed.rows()) == [1]
    write(run, line(2)[5:])
    found = followed.rows()
    assert epochs(found) == [1, 2] and found.life == 0


def test_only_what_is_new_is_read(run):
    followed = Followed(run)
    write(run, line(1))
    followed.rows()
    # Nobody writes over what stands; if it were read again, this would show.
    content = (run.path / "metrics.jsonl").read_bytes().replace(b"1", b"7")
    with (run.path / "metrics.jsonl").open("r+b") as file:
        file.write(content)
    write(run, line(2))
    assert epochs(followed.rows()) == [1, 2]


def test_a_file_written_anew_is_another_life(run):
    followed = Followed(run)
    write(run, line(1) + line(2) + line(3))
    assert followed.rows().life == 0
    run.rewind(1)
    found = followed.rows()
    assert epochs(found) == [1] and found.life == 1
    (run.path / "metrics.jsonl").unlink()
    found = followed.rows()
    assert epochs(found) == [] and found.life == 2
    write(run, line(1))
    assert epochs(followed.rows()) == [1]


def test_a_cut_line_in_the_middle_is_left_out(run):
    write(run, line(1) + '{"epo\n' + line(2))
    assert epochs(Followed(run).rows()) == [1, 2]


def test_it_knows_whether_somebody_trains(run):
    followed = Followed(run)
    assert followed.standing() == {"state": "over"}
    with run.hold():
        assert followed.standing() == {"state": "training"}
    assert followed.standing() == {"state": "over"}


@pytest.mark.skipif(os.name != "posix", reason="processes are looked for by their number")
def test_the_lock_of_a_killed_process_is_nobodys(run):
    import subprocess
    import sys

    child = subprocess.Popen([sys.executable, "-c", ""])
    child.wait()
    import platform

    (run.path / ".lock").write_text(f"{child.pid} {platform.node()} 2026-01-01 00:00:00\n")
    assert Followed(run).standing() == {"state": "over"}
    (run.path / ".lock").write_text(f"{child.pid} elsewhere 2026-01-01 00:00:00\n")
    assert Followed(run).standing() == {"state": "training"}
