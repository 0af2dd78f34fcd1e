"""Build the tutorial's pages from what the lab found and from the texts beside it.

    make tutorial        # runs the lab, then writes docs/tutorial/README.md and README.ko.md

Every number on the pages comes from `results/NAME.json`. A text, `text/NAME.en.md` or
`text/NAME.ko.md`, has parts between lines `---`: what stands before the verdict (title, claim,
formulas), what stands after the figure, and, in Korean, the labels of the checks, one a line.

    {{numbers.share_wrong:.0%}}                a value of the results, in Python's format
    {{verdict}} {{claim}}                      the verdict in the page's language, the claim
    {{#numbers.garments}} ... {{/numbers.garments}}   shown if there is such a value
"""

from __future__ import annotations

import json
import re
import sys
from math import floor, log10
from pathlib import Path
from typing import Any, NamedTuple

from latentia import lab, room
from latentia.errors import LatentiaError, UsageError
from latentia.files import write_atomically

__all__ = ["Language", "build", "filled", "pages", "section"]

_PLACE = re.compile(r"\{\{([^{}#/:][^{}:]*)(?::([^{}]*))?\}\}")
# Inline mathematics with a letter of Hangul right behind it: GitHub does not see that it ends.
_INLINE = re.compile(r"((?<!\$)\$[^$\n]+\$(?!\$))(?=[가-힣])")
_SHOWN = re.compile(r"\{\{#([^{}]+)\}\}(.*?)\{\{/\1\}\}", re.S)


class Language(NamedTuple):
    """What a page says by itself.

    Arguments:
        code: `en` or `ko`.
        page: File of the page.
        other: Link to the page in the other language.
        verdicts: The verdicts on a claim.
        marks: The verdicts on a check.
        units: Units that have another name.
        head: Heads of the table of checks.
        run: What stands before the command, given data, images and seed.
        contents: Head of the contents.
        verdict: What stands before a verdict.
        missing: What stands before the experiments without results.
    """

    code: str
    page: str
    other: str
    verdicts: dict[str, str]
    marks: dict[str, str]
    units: dict[str, str]
    head: str
    run: str
    contents: str
    verdict: str
    missing: str


ENGLISH = Language(
    code="en",
    page="README.md",
    other="[한국어](README.ko.md)",
    verdicts={name: name for name in ("confirmed", "refuted", "undecided")},
    marks={"confirmed": "holds", "refuted": "**fails**", "undecided": "open"},
    units={},
    head="| measured | value | must be | |",
    run="On {data}: {n_train:,} training and {n_test:,} test images, seed {seed}. Repeat it:",
    contents="The claims and their verdicts",
    verdict="Verdict",
    missing="Not run yet",
)
KOREAN = Language(
    code="ko",
    page="README.ko.md",
    other="[English](README.md)",
    verdicts={"confirmed": "확인됨", "refuted": "반증됨", "undecided": "판단 보류"},
    marks={"confirmed": "성립", "refuted": "**불성립**", "undecided": "미정"},
    units={"nats": "nat", "standard deviations": "표준편차"},
    head="| 측정한 것 | 값 | 기준 | |",
    run="{data}: 학습 이미지 {n_train:,}장, 시험 이미지 {n_test:,}장, 시드 {seed}. "
    "직접 실행하려면:",
    contents="주장과 판정",
    verdict="판정",
    missing="아직 실행하지 않은 실험",
)


def pages(folder: Path) -> dict[str, str]:
    """Return the pages, by file name.

    Arguments:
        folder: Where `results/`, `figures/` and `text/` lie.

    Raises:
        UsageError: if a text or figure is missing, or asks for a value that the results have not.
    """
    found = {name: folder / "results" / f"{name}.json" for name in lab.names()}
    there = {
        name: json.loads(path.read_text(encoding="utf8"))
        for name, path in found.items()
        if path.exists()
    }
    missing = [name for name in found if name not in there]
    return {one.page: _page(folder, one, there, missing) for one in (ENGLISH, KOREAN)}


def build(folder: Path) -> list[Path]:
    """Write the pages into the folder, all or none, and return their paths."""
    written = pages(folder)
    for name, text in written.items():
        write_atomically(folder / name, text.encode())
    return [folder / name for name in written]


def section(folder: Path, language: Language, number: int, report: dict[str, Any]) -> str:
    """Return the section on one experiment, with its heading first.

    Arguments:
        folder: Where `figures/` and `text/` lie.
        language: Of the page.
        number: The section's.
        report: What the lab wrote.
    """
    name = report["name"]
    figure = folder / "figures" / f"{name}.png"
    if not figure.exists():
        raise _wrong("There is no figure of these results.", figure, "Run `make tutorial`.")
    parts, source = _parts(folder, language, name)
    values = _said(report, language)
    head, body = (filled(part, values, source) for part in parts[:2])
    if not head.startswith("# "):
        raise _wrong("A text begins with its title.", source, "Write `# Title` on its first line.")
    labels = _labels(parts, language, report, source)
    return "\n\n".join(
        (
            f'<a id="{name}"></a>\n\n## {number}. {head[2:]}',
            f"**{language.verdict}: {values['verdict']}**",
            _table(language, report["checks"], labels),
            f"![{name}](figures/{name}.png)",
            body,
            language.run.format(**report),
            f"    {_command(report)}",
        )
    )


def filled(text: str, values: dict[str, Any], source: str | Path) -> str:
    """Return a text with its placeholders filled.

    Arguments:
        text: With `{{path:format}}` and `{{#path}} ... {{/path}}`.
        values: What the paths lead through.
        source: Whose text it is, for messages.

    Raises:
        UsageError: if a placeholder has no value, or one that does not take its format.

    Example:
        >>> filled("{{a.b:.1f}} of {{n}}", {"a": {"b": 0.25}, "n": 3}, "here")
        '0.2 of 3'
    """

    def value(match: re.Match[str]) -> str:
        path, form = match.group(1), match.group(2) or ""
        found = _at(values, path.split("."))
        if found is None or isinstance(found, dict | list):
            raise _wrong(f"{{{{{path}}}}} has no value.", source, _where_values(values, path))
        try:
            return format(found, form)
        except (TypeError, ValueError) as error:
            raise _wrong(f"{{{{{path}:{form}}}}} cannot be: {error}.", source) from None

    shown = _SHOWN.sub(lambda m: m[2] if _at(values, m[1].split(".")) else "", text)
    done = _PLACE.sub(value, shown)
    if "{{" in done:
        raise _wrong(
            "A placeholder is not closed, or no path.", source, done[done.find("{{") :][:40]
        )
    return done


def _page(
    folder: Path, language: Language, reports: dict[str, dict[str, Any]], missing: list[str]
) -> str:
    found = list(enumerate(reports.values(), start=1))
    sections = [section(folder, language, number, report) for number, report in found]
    titles = [re.search(r"^## (.*)$", text, re.M) for text in sections]
    contents = [
        f"{number}. [{title[1].partition('. ')[2]}](#{report['name']}): "
        f"**{language.verdicts[report['verdict']]}**"
        for (number, report), title in zip(found, titles, strict=True)
        if title
    ]
    left_out = [f"{language.missing}: {', '.join(missing)}."] if missing else []
    edges = [_edge(folder, language, name, reports) for name in ("intro", "closing")]
    listed = f"## {language.contents}\n\n" + "\n".join(contents)
    parts = [language.other, edges[0], listed, *left_out, *sections, edges[1]]
    return _INLINE.sub(r"\1<!-- -->", "\n\n".join(part for part in parts if part)) + "\n"


def _edge(folder: Path, language: Language, name: str, reports: dict[str, dict[str, Any]]) -> str:
    """Return the intro or the closing; its paths begin with the name of an experiment."""
    parts, source = _parts(folder, language, name, least=1)
    verdicts = [report["verdict"] for report in reports.values()]
    counts = {word: verdicts.count(word) for word in ENGLISH.verdicts}
    return filled(parts[0], {**reports, **counts, "experiments": len(verdicts)}, source)


def _parts(folder: Path, language: Language, name: str, least: int = 2) -> tuple[list[str], Path]:
    path = folder / "text" / f"{name}.{language.code}.md"
    if not path.exists():
        raise _wrong(f"{name} has results and no text.", path, "Write it; see docs/tutorial.py.")
    text = path.read_text(encoding="utf8")
    parts = [part.strip() for part in re.split(r"^---$", text, flags=re.M)]
    if len(parts) < least:
        raise _wrong(
            "A text has two parts, with a line `---` between them.",
            path,
            "The first stands before the verdict, the second after the figure.",
        )
    return parts, path


def _said(values: Any, language: Language) -> Any:
    """Return results with every verdict in the page's language."""
    if isinstance(values, list):
        return [_said(value, language) for value in values]
    if not isinstance(values, dict):
        return values
    return {
        key: language.verdicts[value] if key == "verdict" else _said(value, language)
        for key, value in values.items()
    }


def _labels(
    parts: list[str], language: Language, report: dict[str, Any], source: Path
) -> list[str]:
    """Return what was measured, in words: the lab's own in English, else the text's."""
    if language is ENGLISH:
        return [check["what"] for check in report["checks"]]
    labels = parts[2].splitlines() if len(parts) > 2 else []
    if len(labels) < len(report["checks"]):
        raise _wrong(
            f"There are {len(report['checks'])} checks and {len(labels)} labels of them.",
            source,
            "Write a third part after `---`, with one label a line.",
        )
    return [filled(label, report, source) for label in labels]


def _table(language: Language, checks: list[dict[str, Any]], labels: list[str]) -> str:
    rows = [language.head, "|---|---|---|---|"]
    for check, label in zip(checks, labels, strict=False):
        unit = language.units.get(check["unit"], check["unit"])
        value = f"{_measured(check['value'], check['error'])} {unit}".strip()
        bound = f"{check['relation']} {_number(check['bound'])}"
        label = label.replace("|", "\\|")  # a bare one would end the cell
        rows.append(f"| {label} | {value} | {bound} | {language.marks[check['verdict']]} |")
    return "\n".join(rows)


def _measured(value: float | None, error: float | None) -> str:
    """Write a number to the second digit of its standard error.

    Example:
        >>> _measured(0.98512, 0.0123), _measured(-3745.17, 4.5), _measured(0.25, 0)
        ('0.985 ± 0.012', '-3745.2 ± 4.5', '0.25')
    """
    if value is None or not error:
        return _number(value)
    places = max(0, 1 - floor(log10(error)))
    return f"{value:.{places}f} ± {error:.{places}f}"


def _number(value: float | None) -> str:
    return "?" if value is None else f"{value:.3g}"


def _command(report: dict[str, Any]) -> str:
    """Return the command that repeats an experiment, with the options that differ from default."""
    known = {option.name: option.default for option in room.member("lab", report["name"]).options}
    given = [
        f"--{report['name']}.{name.replace('_', '-')} {_option(value)}"
        for name, value in report["options"].items()
        if _option(value) != _option(known.get(name))
    ]
    seed = f"--seed {report['seed']}"
    return " ".join(("latentia lab", report["name"], f"--data {report['data']}", seed, *given))


def _option(value: Any) -> str:
    """Return an option as the command line takes it: a list's items are joined by commas."""
    return ",".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _at(values: Any, path: list[str]) -> Any:
    """Return what a path leads to, or None; a key may have dots of its own, such as `0.25`."""
    if not path:
        return values
    if isinstance(values, list):
        index = int(path[0]) if path[0].isdigit() else len(values)
        return _at(values[index], path[1:]) if index < len(values) else None
    if isinstance(values, dict):
        for end in range(len(path), 0, -1):
            key = ".".join(path[:end])
            if key in values:
                return _at(values[key], path[end:])
    return None


def _where_values(values: dict[str, Any], path: str) -> str:
    above = path.split(".")[:-1]
    found = _at(values, above)
    known = ", ".join(found) if isinstance(found, dict) else f"{len(found or [])} entries"
    return f"There are, in {'.'.join(above) or 'the results'}: {known}."


def _wrong(what: str, where: str | Path, how: str = "") -> LatentiaError:
    return UsageError(what, where=str(where), how=how)


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "tutorial"
    try:
        for written in build(target):
            print(written)
    except LatentiaError as error:
        print(error, file=sys.stderr)
        sys.exit(error.exit_code)
