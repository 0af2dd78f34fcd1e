"""What is published of speed: pages follow from numbers, and the README quotes the pages."""

import importlib
import json
import re
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"
README = (ROOT / "README.md").read_text(encoding="utf8")
PAGES = {"run": "speed", "use": "use", "shares": "profile", "parity": "parity"}
WATCHED = {"shares": {"calls": 0.25, "products": 0.5, "random": 0.001}}


@pytest.fixture
def script(monkeypatch):
    """Load a script of benchmarks/speed as it finds itself: beside the others."""
    monkeypatch.syspath_prepend(str(ROOT / "benchmarks" / "speed"))
    before = set(sys.modules)
    yield importlib.import_module
    for name in set(sys.modules) - before:
        if (ROOT / "benchmarks" / "speed" / f"{name}.py").exists():
            del sys.modules[name]


# Those of another processor are in a folder of their own.
FOLDERS = [RESULTS, RESULTS / "intel"]


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_that_of_its_numbers(script, name, folder):
    found = json.loads((folder / f"{PAGES[name]}.json").read_text())
    written = (folder / f"{PAGES[name]}.md").read_text(encoding="utf8")
    assert script(name).text(found) == written


def test_the_gpu_page_is_that_of_its_numbers(script):
    found = json.loads((RESULTS / "gpu.json").read_text())
    assert script("gpu").text(found) == (RESULTS / "gpu.md").read_text(encoding="utf8")


PROFILE = {"model": "mlp", "batch": 128, "compile": "no", "microseconds": 1.0, "kernels": {}}


def test_numbers_of_a_gpu_are_kept_as_they_come(script, tmp_path):
    """A machine that is taken away in the middle takes nothing along."""
    gpu = script("gpu")
    here = {"device": "a card", "torch": "2", "rates": {"float32": 2e12, "bfloat16": 8e12}}
    here["rates_date"] = "2026-11-27"
    row = {"model": "mlp", "batch": 128, "precision": "float32", "compile": "no"}
    row |= {"seconds": 2.0, "first": 3.0, "rate": 1e12}
    gpu.Results(tmp_path, here).keep("runs", row)
    # The next run finds it, puts a better one in its place and another beside it.
    again = gpu.Results(tmp_path, here)
    again.keep("runs", row | {"seconds": 1.0})
    again.keep("runs", row | {"compile": "graph"})
    written = json.loads((tmp_path / "gpu.json").read_text())["runs"]
    assert [(r["compile"], r["seconds"]) for r in written] == [("no", 1.0), ("graph", 2.0)]
    assert (
        "| mlp | 128 | float32 | no | 1.000 | 3.0 | 50.0% |" in (tmp_path / "gpu.md").read_text()
    )
    # A share is of the rates of its own run.
    gpu.Results(tmp_path, here | {"rates": {"float32": 4e12}}).keep("profiles", PROFILE)
    assert (
        "| mlp | 128 | float32 | no | 1.000 | 3.0 | 50.0% |" in (tmp_path / "gpu.md").read_text()
    )
    # Another card's are no neighbours of these, and none of them is lost.
    before = (tmp_path / "gpu.json").read_bytes()
    with pytest.raises(SystemExit, match=r"of a card and torch 2, not of another.*--out"):
        gpu.Results(tmp_path, here | {"device": "another"})
    assert (tmp_path / "gpu.json").read_bytes() == before


@pytest.mark.parametrize(
    ("name", "above", "kind"),
    [
        ("aten::addmm", [], "products"),
        ("aoti_torch_cpu_addmm_out", [], "products"),
        ("aoti_torch_cpu_convolution_backward", [], "products"),
        ("graph_0_cpp_fused_silu_1", ["Torch-Compiled Region: 0/0"], "forward"),
        ("aten::mul", ["autograd::engine::evaluate_function: MulBackward0"], "backward"),
        ("aten::mul", ["data"], "data"),
        ("aten::normal_", ["data"], "random"),
        ("aten::view", [], "calls"),
        ("TorchDynamo Cache Lookup", [], "calls"),
    ],
)
def test_work_is_of_its_kind_whoever_calls_it(script, name, above, kind):
    """A graph in C++ has other names for the same products."""
    event = None
    for each in [*reversed(above), name]:
        event = SimpleNamespace(name=each, cpu_parent=event)
    assert script("kinds").kind_of(event) == kind


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_what_was_not_reached_follows_from_the_other_pages(script, folder):
    bounds = script("bounds")
    assert bounds.text(bounds.read(folder)) == (folder / "bounds.md").read_text("utf8")


@pytest.mark.parametrize(
    ("ratio", "above", "told"),
    [(0.70, 1.60, []), (0.71, 1.60, ["0.71", "1.60", "0.50"]), (0.70, 1.61, ["0.70", "1.61"])],
)
def test_a_race_is_told_of_where_it_missed(script, ratio, above, told):
    """The faster of written and compiled counts; of it the profile is shown."""
    row = {"seconds": 2.0, "ratio": ratio, "above_floor": above}
    races = {
        "mlp 128": {
            "table": {
                "floor": {"ratio": 0.5},
                "latentia": {"seconds": 3.0, "ratio": 9.0, "above_floor": 9.0},
                "latentia, compiled": row,
            }
        }
    }
    lines = script("bounds")._races(races, {"mlp 128": {"compiled": WATCHED}})
    assert len(lines) == bool(told)
    for line in lines:
        assert line.startswith("| mlp 128 | compiled |")
        assert line.endswith("| products 50%, calls 25% |")
        assert all(f"| {each} |" in line for each in told)


def test_a_task_is_told_of_where_it_missed(script):
    tasks = {"p(x|z)": {"ratio": 2.01}, "encode": {"ratio": 2.0}}
    assert script("bounds")._tasks(tasks, {}) == ["| p(x\\|z) | 2.01 | not watched |"]


def numbers(text):
    """Return the numbers of a text, as they are written; names with digits are none."""
    text = re.sub(r"(?<=\d),(?=\d{3})", "", re.sub(r"\]\([^)]*\)|!\[[^\]]*\]", "", text))
    return set(re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?![\w]|\.\d)", text))


SECTION = README[README.index("## Speed\n") :].split("\n## ")[0]
PARAGRAPHS = [part for part in SECTION.split("\n\n") if numbers(part)]


@pytest.mark.parametrize("paragraph", PARAGRAPHS)
def test_a_figure_of_the_readme_is_in_the_page_that_it_names(paragraph):
    """One that links to no page is of speed.md."""
    named = re.findall(r"\(benchmarks/results/([\w/-]+\.md)\)", paragraph) or ["speed.md"]
    known = set().union(*(numbers((RESULTS / page).read_text("utf8")) for page in named))
    assert numbers(paragraph) - known == set()


def test_a_row_of_the_readme_is_one_of_the_race():
    table = json.loads((RESULTS / "speed.json").read_text())["races"]["mlp 128"]["table"]
    known = {
        (f"{row['seconds']:.2f}", f"{row['ratio']:.2f}", f"{row['above_floor']:.2f}")
        for row in table.values()
    }
    rows = re.findall(r"\| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|", SECTION)
    assert len(rows) == 7
    assert set(rows) <= known


def test_figures_that_are_not_in_a_page_are_found():
    assert numbers("a million in 7.1 s (1.6), 60,000 of bfloat16, H200, x86") == {
        *("7.1", "1.6", "60000"),
    }


@pytest.mark.parametrize("races", [["iwae 128"], ["mlp 128", "conv 20"]])
def test_only_those_take_part_that_are_asked_for(script, races):
    run = script("run")
    for race in run.asked(races, ["jax", "keras"]):
        assert race.title in races
        assert "floor" in race.names
        assert "torch" in race.names
        assert not {"jax", "jax, bfloat16", "keras"} & set(race.names)


def test_a_peer_that_cannot_be_installed_is_named_with_the_reason(script):
    fails = [sys.executable, "-c", "import sys; sys.exit('no index')"]
    with pytest.raises(SystemExit, match=r"(?s)environment of jax.*no index.*--without jax"):
        script("run")._installs("jax", fails)
