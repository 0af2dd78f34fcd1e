"""Freed memory is kept for the next array where the C library can be asked to, and only there."""

import subprocess
import sys

import pytest

from latentia import memory

# Two arrays of 6 MB, made and freed in turn: how many pages are handed out anew in the usual turn
# (a single one may find the heap grown by something else that the process does).
PROGRAM = """
import resource, statistics
{first}
import torch
def once():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    a = torch.zeros(1_600_000) + 1
    a = a * 2
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(int(statistics.median([once() for _ in range(25)])))
"""


def faults(first):
    program = PROGRAM.format(first=first)
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert not said.returncode, said.stderr
    return int(said.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc's")
def test_no_pages_are_paid_for_twice():
    if not memory.keep():
        pytest.skip("another C library, or the user's own settings")
    # Without, it is thousands or none, by where the last array happens to lie.
    assert faults("import latentia") < 100


@pytest.mark.parametrize(
    "name", ["MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"]
)
def test_what_the_user_has_set_stands(monkeypatch, name):
    monkeypatch.setenv(name, "1")
    assert memory.keep() is False


@pytest.mark.parametrize("library", [OSError("none"), object()])
def test_another_library_is_left_alone(monkeypatch, library):
    def load(name):
        if isinstance(library, OSError):
            raise library
        return library

    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(memory.ctypes, "CDLL", load)
    assert memory.keep() is False


def test_the_library_is_asked_to_keep_256_mib(monkeypatch):
    asked = {}

    class Library:
        gnu_get_libc_version = None

        @staticmethod
        def mallopt(which, value):
            asked[which] = value
            return 1

    for name in ("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "GLIBC_TUNABLES"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(memory.sys, "platform", "linux")
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda name: Library)
    assert memory.keep() is True
    # M_TRIM_THRESHOLD and M_MMAP_THRESHOLD of malloc.h.
    assert asked == {-1: 256 * 2**20, -3: 32 * 2**20}
