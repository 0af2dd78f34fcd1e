"""The tutorial's pages: numbers of the committed results, and no placeholder without a value."""

import importlib.util
import json
import re
import shutil
from pathlib import Path

import pytest

from latentia import lab
from latentia.errors import UsageError

DOCS = Path(__file__).parent.parent / "docs"
FOLDER = DOCS / "tutorial"
RESULTS = {path.stem: json.loads(path.read_text()) for path in FOLDER.glob("results/*.json")}
TEXTS = sorted(FOLDER.glob("text/*.md"))


def load():
    spec = importlib.util.spec_from_file_location("docs_tutorial", DOCS / "tutorial.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


tutorial = load()
LANGUAGES = {"en": tutorial.ENGLISH, "ko": tutorial.KOREAN}


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(FOLDER, tmp_path / "tutorial"))


@pytest.mark.parametrize("page", ["README.md", "README.ko.md"])
def test_the_committed_page_is_what_the_committed_results_make(page):
    made = tutorial.pages(FOLDER)[page]
    assert (FOLDER / page).read_text(encoding="utf8") == made, "run python docs/tutorial.py"


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("name", RESULTS)
def test_every_experiment_with_results_has_texts_labels_and_a_figure(name, code):
    report, language = RESULTS[name], LANGUAGES[code]
    assert report["name"] == name and name in lab.names()
    made = tutorial.section(FOLDER, language, 7, report)
    title = (FOLDER / f"text/{name}.{code}.md").read_text(encoding="utf8").splitlines()[0]
    assert f"## 7. {title[2:]}\n" in made
    assert language.verdicts[report["verdict"]] in made and "$$" in made
    assert f"latentia lab {name} --data {report['data']} --seed {report['seed']}" in made
    before_figure = made[: made.index(f"![{name}]")]
    rows = [line for line in before_figure.splitlines() if line.startswith("| ")]
    assert all(len(re.findall(r"(?<!\\)\|", row)) == 5 for row in rows)
    assert len(rows) == 1 + len(report["checks"])
    if code == "ko":
        text = (FOLDER / f"text/{name}.ko.md").read_text(encoding="utf8")
        assert len(text.split("\n---\n")[2].split("\n")[:-1]) == len(report["checks"])
    else:
        assert report["claim"] in made and report["claim"] == lab.claim(name)


@pytest.mark.parametrize("path", TEXTS, ids=[path.name for path in TEXTS])
def test_a_formula_holds_no_line_that_markdown_takes_for_a_list_or_heading(path):
    formulas = re.findall(r"\$\$(.*?)\$\$", path.read_text(encoding="utf8"), re.S)
    for line in "\n".join(formulas).splitlines():
        assert not re.match(r"\s*([-+=>#*]|\d+\.)(\s|$)", line), line


@pytest.mark.parametrize("path", TEXTS, ids=[path.name for path in TEXTS])
def test_a_text_has_both_languages(path):
    other = {"en": "ko", "ko": "en"}[path.name.split(".")[1]]
    assert path.with_name(f"{path.name.split('.')[0]}.{other}.md").exists()


VALUES = {"a": {"0.25": {"x": 1.5}, "b": [3, {"c": None}]}, "name": "n", "yes": True, "none": None}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{a.0.25.x:.2f}} nats", "1.50 nats"),
        ("{{a.b.0}}", "3"),
        (r"$\frac{a}{b^{ {{a.b.0}} }}$", r"$\frac{a}{b^{ 3 }}$"),
        ("x{{#yes}} and {{name}}{{/yes}}{{#none}} not {{gone}}{{/none}}.", "x and n."),
        ("{{#gone.at.all}}no{{/gone.at.all}}", ""),
    ],
)
def test_placeholders_are_filled(text, expected):
    assert tutorial.filled(text, VALUES, "x.md") == expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("{{a.gone}}", "a.gone"),
        ("{{a.b.2}}", "a.b.2"),
        ("{{a.b.1.c:.1f}}", "a.b.1.c"),
        ("{{a}}", "a"),
        ("{{name:.2f}}", "name:.2f"),
        ("{{ }", "not closed"),
        ("{{#yes}} but", "not closed"),
    ],
)
def test_a_placeholder_without_a_value_names_text_and_key(text, told):
    with pytest.raises(UsageError) as error:
        tutorial.filled(text, VALUES, "text/x.en.md")
    assert told in str(error.value) and "text/x.en.md" in str(error.value)


def test_what_was_not_run_is_left_out_and_named(folder):
    gone = "pixel-distance"
    (folder / "results" / f"{gone}.json").unlink()
    for page in tutorial.pages(folder).values():
        assert f'<a id="{gone}">' not in page
        assert re.search(rf"^(Not run yet|아직 실행하지 않은 실험): .*{gone}", page, re.M)


def test_no_note_where_everything_was_run(folder, monkeypatch):
    monkeypatch.setattr(lab, "names", lambda: list(RESULTS))
    made = tutorial.pages(folder)
    assert "Not run yet" not in made["README.md"]
    assert made["README.md"].count("\n## ") == len(RESULTS) + 2


@pytest.mark.parametrize("gone", ["text/pixel-distance.ko.md", "figures/pixel-distance.png"])
def test_results_without_text_or_figure_are_an_error_and_nothing_is_written(folder, gone):
    (folder / gone).unlink()
    (folder / "README.md").write_text("as it was")
    with pytest.raises(UsageError, match="pixel-distance"):
        tutorial.build(folder)
    assert (folder / "README.md").read_text() == "as it was"


def test_a_check_without_a_label_and_a_text_without_parts_are_errors(folder):
    path = folder / "text/pixel-distance.ko.md"
    text = path.read_text(encoding="utf8")
    path.write_text(text.rstrip().rpartition("\n")[0], encoding="utf8")
    with pytest.raises(UsageError, match="2 checks and 1 labels"):
        tutorial.pages(folder)
    path.write_text("# Title\n")
    with pytest.raises(UsageError, match="two parts"):
        tutorial.pages(folder)
    path.write_text(text[2:], encoding="utf8")
    with pytest.raises(UsageError, match="begins with its title"):
        tutorial.pages(folder)


def test_verdicts_speak_the_language_of_the_page():
    report = RESULTS["pixel-distance"] | {"verdict": "undecided"}
    report["checks"] = [
        {**report["checks"][0], "verdict": "refuted", "value": None, "error": None}
    ]
    korean = tutorial.section(FOLDER, tutorial.KOREAN, 1, report)
    assert "판정: 판단 보류" in korean and "| ? | > 0.5 | **불성립** |" in korean
    assert "undecided" not in korean


def test_the_command_has_the_options_that_differ():
    report = RESULTS["pixel-distance"]
    given = {**report, "seed": 3, "options": {**report["options"], "shift": 0.25}}
    made = tutorial.section(FOLDER, tutorial.ENGLISH, 1, given)
    assert "--seed 3 --pixel-distance.shift 0.25\n" in made + "\n"


def test_options_that_are_lists_are_written_as_the_command_line_takes_them():
    report = RESULTS["reparameterization"]
    default = tutorial.section(FOLDER, tutorial.ENGLISH, 1, report)
    assert "--reparameterization." not in default
    other = {**report, "options": {**report["options"], "latents": [2, 20]}}
    written = tutorial._command(other)
    assert written.endswith("--reparameterization.latents 2,20")


def test_inline_mathematics_ends_before_hangul():
    page = (FOLDER / "README.ko.md").read_text(encoding="utf8")
    assert "$<!-- -->" in page
    assert not re.search(r"(?<!\$)\$[^$\n]+\$(?=[가-힣])", page)
