"""Packages of an extra that are missing are named, with how they are installed."""

import sys

import pytest

from latentia.errors import MachineError
from latentia.explorer.required import require_packages


def test_what_is_there_is_no_matter_and_what_is_missing_is_named(monkeypatch, says):
    require_packages(("json", "numpy"), "here", "This")
    monkeypatch.setitem(sys.modules, "uvicorn", None)
    with pytest.raises(MachineError) as caught:
        require_packages(("json", "uvicorn"), "latentia train --watch", "A page")
    says(caught.value, "A page needs", "uvicorn", "train --watch", "latentia[explore]")
    assert "json" not in str(caught.value)
