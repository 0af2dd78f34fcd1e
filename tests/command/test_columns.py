"""`--columns` and `--drop`: from `data check` through training to evaluation and resuming."""

import json

import numpy as np
import pytest

SMALL = ("--epochs", 1, "--network.hidden", 8, "--batch-size", 32)


@pytest.fixture(scope="module")
def people(tmp_path_factory):
    """Write a table with a member number, three measurements and a town, in Korean."""
    rng = np.random.default_rng(2)
    height, error = rng.normal(170, 8, 80), rng.normal(0, 6, 80)
    age = rng.integers(18, 80, 80)
    rows = [
        f"{1001 + 3 * i},{h:.1f},{0.9 * h - 90 + e:.1f},{a},{['서울', '부산'][i % 2]}"
        for i, (h, e, a) in enumerate(zip(height, error, age, strict=True))
    ]
    path = tmp_path_factory.mktemp("자료") / "건강 검진.csv"
    path.write_text("\n".join(["회원번호,키,몸무게,나이,도시", *rows]) + "\n", encoding="utf8")
    return path


@pytest.fixture(scope="module")
def heights(latentia, people, tmp_path_factory):
    run = tmp_path_factory.mktemp("runs") / "키"
    said = latentia("train", people, "--out", run, "--drop", "나이,도시", *SMALL)
    assert said.code == 0, said.err
    return run


def columns_of(run):
    return json.loads((run / "config.json").read_text())["data"]["data_schema"]["columns"]


def test_a_check_lists_the_columns_in_line(latentia, people):
    said = latentia("data", "check", people)
    lines = said.out.splitlines()
    first = next(i for i, line in enumerate(lines) if line.startswith("  columns"))
    assert lines[first].split() == ["columns", "column", "kind", "from", "to"]
    assert [line.split()[:2] for line in lines[first + 1 : first + 4]] == [
        ["키", "real"],
        ["몸무게", "real"],
        ["나이", "whole"],
    ]
    assert "'회원번호' tells the rows apart" in said.out
    from rich.cells import cell_len

    assert len({cell_len(line) for line in lines[first : first + 4]}) == 1


def test_training_lists_them_too(latentia, people, tmp_path):
    said = latentia("train", people, "--out", tmp_path / "run", *SMALL)
    assert said.code == 0, said.err
    assert "몸무게  real" in said.err and "'회원번호' tells the rows apart" in said.err
    assert columns_of(tmp_path / "run") == ["키", "몸무게", "나이"]


def test_a_run_remembers_what_was_left_out(latentia, people, heights):
    assert columns_of(heights) == ["키", "몸무게"]
    assert latentia("evaluate", heights, "--importance", 2).code == 0
    assert latentia("score", heights, people, "--importance", 2).code == 0
    assert latentia("train", "--resume", "--out", heights, "--drop", "나이,도시").code == 0


def test_a_resumed_run_keeps_its_columns(latentia, heights):
    said = latentia("train", "--resume", "--out", heights, "--drop", "키")
    assert said.code == 2 and "--drop is 나이,도시, not 키" in said.err


def test_all_columns_on_request(latentia, people, tmp_path):
    run = tmp_path / "run"
    assert latentia("train", people, "--out", run, "--columns", "*", *SMALL).code == 0
    assert columns_of(run) == ["회원번호", "키", "몸무게", "나이"]
    assert latentia("evaluate", run, "--importance", 2).code == 0


@pytest.mark.parametrize("written", ['["몸무게", "키"]', '"몸무게, 키"'])
def test_a_file_may_name_them(written, latentia, people, tmp_path):
    (tmp_path / "c.toml").write_text(f"columns = {written}\n", encoding="utf8")
    run = tmp_path / "run"
    said = latentia("train", people, "--out", run, "--config", tmp_path / "c.toml", *SMALL)
    assert said.code == 0, said.err
    assert columns_of(run) == ["몸무게", "키"]


@pytest.mark.parametrize("written", ["3", "[1, 2]", "true"])
def test_a_file_with_no_names_is_refused(written, latentia, people, tmp_path):
    (tmp_path / "c.toml").write_text(f"drop = {written}\n")
    said = latentia("train", people, "--config", tmp_path / "c.toml", "--out", tmp_path / "run")
    assert said.code == 2 and "cannot be the value of drop" in said.err


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (("--columns", "키,몸무개"), "Did you mean '몸무게'?"),
        (("--drop", "키,,나이"), "no list of different column names"),
        (("--columns", "키,키"), "no list of different column names"),
        (("--columns", ""), "no list of different column names"),
        (("--size", "8"), "Leave --size out"),
    ],
)
def test_what_cannot_be_chosen_is_a_usage_error(options, what, latentia, people, tmp_path):
    said = latentia("data", "check", people, *options)
    assert said.code == 2 and what in said.err, said.err
    said = latentia("train", people, "--out", tmp_path / "run", *options)
    assert said.code == 2 and what in said.err, said.err
    assert not (tmp_path / "run").exists()


def test_a_column_that_is_gone_is_a_change_of_the_data(latentia, people, tmp_path):
    path, run = tmp_path / "t.csv", tmp_path / "run"
    text = people.read_text(encoding="utf8")
    path.write_text(text, encoding="utf8")
    assert latentia("train", path, "--out", run, *SMALL).code == 0
    path.write_text(text.replace("몸무게", "무게"), encoding="utf8")
    said = latentia("evaluate", run)
    assert said.code == 3 and "The data have changed" in said.err and "'몸무게'" in said.err


def test_a_long_table_is_abbreviated(latentia, tmp_path):
    np.save(tmp_path / "wide.npy", np.random.default_rng(0).normal(size=(30, 90)))
    out = latentia("data", "check", tmp_path / "wide.npy").out
    assert "... 66 more" in out and len(out.splitlines()) < 40
    assert len(latentia("data", "check", tmp_path / "wide.npy", "--json").json["columns"]) == 90


def test_constant_columns_come_back_from_every_command(latentia, tmp_path):
    x = np.random.default_rng(0).normal(size=(60, 4)).astype(np.float32)
    x[:, 2] = 7
    np.save(tmp_path / "x.npy", x)
    run = tmp_path / "run"
    said = latentia("train", tmp_path / "x.npy", "--out", run, *SMALL)
    assert said.code == 0 and "constant: 1 of 4 (2, counted from 0)" in said.err
    for command in (("sample", run, "-n", 5), ("reconstruct", run, tmp_path / "x.npy")):
        assert latentia(*command, "--out", tmp_path / "o.npy").code == 0
        found = np.load(tmp_path / "o.npy")
        assert found.shape[1] == 4 and (found[:, 2] == 7).all()


@pytest.mark.parametrize("words", [("list", "mnist5k"), ("fetch", "mnist5k", "--size", "8")])
def test_what_would_do_nothing_is_refused(words, latentia):
    assert latentia("data", *words).code == 2


def test_an_empty_name_is_refused(latentia, tmp_path):
    for command in (("data", "check", ""), ("train", "", "--out", tmp_path / "run")):
        said = latentia(*command)
        assert said.code == 2 and "empty" in said.err
