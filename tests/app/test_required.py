"""Packages of an extra that are missing are named, with how they are installed."""

import sys

import pytest

from latentia.app.required import PACKAGES, require_packages, require_port
from latentia.errors import MachineError, UsageError


@pytest.mark.parametrize("extra", PACKAGES)
def test_what_is_there_is_no_matter_and_what_is_missing_is_named(monkeypatch, says, extra):
    require_packages(extra, "here", "This")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MachineError) as caught:
        require_packages(extra, "latentia train --watch", "A page")
    says(caught.value, "A page needs", "uvicorn", "train --watch", f"latentia[{extra}]")
    assert "fastapi" not in str(caught.value)


@pytest.mark.parametrize("port", [-1, 65536])
def test_a_port_that_cannot_be_is_named(says, port):
    require_port(0)
    require_port(65535)
    with pytest.raises(UsageError) as caught:
        require_port(port)
    says(caught.value, f"no port {port}", f"--port {port}", "65535")
