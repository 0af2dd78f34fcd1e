"""Files are whole or untouched, and a disk that will not have them is named with a mend."""

import errno
import os

import pytest

from latentia.errors import MachineError
from latentia.files import unwritable, write_atomically, write_together


def test_a_file_is_written_whole_or_not_at_all(tmp_path, monkeypatch):
    path = tmp_path / "a"
    write_atomically(path, b"old")
    monkeypatch.setattr("latentia.files.os.fsync", lambda handle: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        write_atomically(path, b"new")
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("number", "mend"),
    [
        (errno.ENOSPC, "Make room on this disk"),
        (errno.EDQUOT, "Make room on this disk"),
        (errno.EACCES, "chmod u+w"),
        (errno.EROFS, "may only be read"),
        (errno.EIO, "Look at this path"),
    ],
)
def test_what_a_disk_refuses_is_said_with_path_and_mend(number, mend, says):
    error = unwritable(OSError(number, os.strerror(number)), "runs/a b/x")
    says(error, os.strerror(number), "runs/a b/x", mend)
    assert error.exit_code == 5


def test_a_folder_in_the_way_is_left_alone(tmp_path, says):
    path = tmp_path / "x.json"
    path.mkdir()
    with pytest.raises(MachineError) as caught:
        write_atomically(path, b"new")
    says(caught.value, "cannot be written: Is a directory", str(path), "mend:")
    assert list(tmp_path.iterdir()) == [path]


def test_what_was_there_comes_back_where_the_last_cannot_be_put_in_its_place(tmp_path):
    old, new, way = tmp_path / "a", tmp_path / "b", tmp_path / "c"
    old.write_bytes(b"old")
    way.mkdir()
    with pytest.raises(MachineError, match="Is a directory"):
        write_together({old: b"new", new: b"new", way: b"new"})
    assert old.read_bytes() == b"old" and sorted(tmp_path.iterdir()) == [old, way]


def test_of_files_that_are_written_together_none_is_new_where_one_fails(tmp_path, monkeypatch):
    one, other = tmp_path / "a", tmp_path / "b"
    one.write_bytes(b"old")
    sync, done = os.fsync, []

    def full_at_the_second(handle):
        done.append(handle)
        if len(done) == 2:
            raise OSError(errno.ENOSPC, "No space left on device")
        sync(handle)

    monkeypatch.setattr("latentia.files.os.fsync", full_at_the_second)
    with pytest.raises(MachineError, match="No space"):
        write_together({one: b"new", other: b"new"})
    assert one.read_bytes() == b"old" and list(tmp_path.iterdir()) == [one]
    write_together({one: b"new", other: b"new"})
    assert one.read_bytes() == other.read_bytes() == b"new" and len(list(tmp_path.iterdir())) == 2
