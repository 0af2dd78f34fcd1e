"""The README does what it says: its Python runs, its commands and files exist."""

import re
from pathlib import Path

import numpy as np
import pytest

from latentia import preset, room

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf8")


def test_the_ten_lines_of_python_run(tmp_path, monkeypatch):
    block = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    assert len([line for line in block.splitlines() if line.strip()]) <= 11
    monkeypatch.chdir(tmp_path)
    # Fewer epochs than the README's: what must hold does not depend on them.
    names: dict[str, object] = {}
    exec(block.replace("max_epochs=20", "max_epochs=1"), names)
    model, x = names["vae"], names["X"]
    assert model.transform(x[:3]).shape == (3, 2)
    assert np.isfinite(model.score_samples(x[:3], n_importance=4)).all()


def test_every_command_of_the_package_is_in_the_table():
    table = README[README.index("| command |") :].split("\n\n")[0]
    for name in room.names("command"):
        assert f"`{name}" in table, name


@pytest.mark.parametrize("path", re.findall(r"\]\((?!http)([^)#]+)\)", README))
def test_every_file_it_links_to_exists(path):
    assert (ROOT / path).exists()


def test_presets_named_in_the_documents_exist():
    text = (
        README + (ROOT / "CHANGELOG.md").read_text() + (ROOT / "docs/architecture.md").read_text()
    )
    for name in re.findall(r"--preset ([\w-]+)", text):
        assert name in preset.names()
    for name in preset.names():
        assert name in text
