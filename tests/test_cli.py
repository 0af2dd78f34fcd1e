"""The command line: help without waiting, one JSON object, exit codes, never a traceback."""

import json
import re
import shutil
import subprocess
import sys

import numpy as np
import pytest

from latentia import room

COMMANDS = room.names("command")


@pytest.fixture(scope="module")
def odd(tmp_path_factory, inked):
    """Make a folder of everything that users give by mistake."""
    folder = tmp_path_factory.mktemp("odd")
    np.save(folder / "five.npy", inked[:5])
    np.save(folder / "large.npy", np.zeros((20, 9, 9), np.uint8))
    holes = inked.astype(np.float32)
    holes[3, 2, 2] = np.nan
    np.save(folder / "nan.npy", holes)
    np.save(folder / "infinite.npy", np.full((40, 3), np.inf, np.float32))
    (folder / "constant.csv").write_text("a,b\n" + "1,2\n" * 50)
    (folder / "words.csv").write_text("a,b\n" + "x,y\n" * 50)
    (folder / "table.csv").write_text("a,b\n" + "".join(f"{i},{i * i}\n" for i in range(50)))
    (folder / "cut.npy").write_bytes(b"\x93NUMPY\x01\x00 and then nothing")
    (folder / "cut.parquet").write_bytes(b"PAR1")
    (folder / "empty.csv").write_text("")
    (folder / "notes.txt").write_text("hello")
    (folder / "pictures").mkdir()
    (folder / "pictures" / "a.png").write_bytes(b"no picture")
    np.save(folder / "z.npy", np.zeros((3, 5), np.float32))
    np.save(folder / "complex.npy", np.zeros((3, 2)) + 1j)
    (folder / "gap.csv").write_text("z0,z2\n1,2\n")
    (folder / "twice.csv").write_text("z0,z1,z1\n1,2,3\n")
    (folder / "nobody.csv").write_text("z0,z1\n")
    (folder / "holes.csv").write_text("z0,z1\n1,2\n1,nan\n")
    return folder


class TestHelp:
    @pytest.mark.parametrize("command", COMMANDS)
    def test_every_command_has_it(self, latentia, command):
        said = latentia(command, "--help")
        assert said.code == 0
        assert said.err == ""
        for common in ("--json", "--seed", "--device", "--quiet"):
            assert common in said.out
        # What is to be written behind an option has a word that says what it is.
        assert not re.findall(r"--\S+ (?:VALUE|TEXT|FLOAT|PATH)\b", said.out)
        # Every option says something of itself.
        for line in said.out.splitlines():
            assert not line.strip().endswith("TEXT"), line

    @pytest.mark.parametrize(
        ("command", "words"),
        [
            ("train", "--config FILE"),
            ("train", "--out FOLDER"),
            ("train", "--prior.components INTEGER"),
            ("train", "--network.hidden N,N,..."),
            ("train", "--learning-rate NUMBER"),
            ("train", "--schedule cosine|constant"),
            ("score", "--out FILE"),
            ("figure", "--epochs.kind map|manifold"),
            ("figure", "--samples.draws yes|no"),
            ("evaluate", "--data DATA"),
        ],
    )
    def test_values_have_a_word(self, latentia, command, words):
        assert words in latentia(command, "--help").out

    def test_the_first_one_lists_the_commands(self, latentia):
        said = latentia("--help")
        assert said.code == 0
        assert all(command in said.out for command in COMMANDS)
        assert latentia("--version").out.startswith("latentia, version ")

    @pytest.mark.parametrize("arguments", [["--help"], ["train", "--help"], ["train", "--epohcs"]])
    def test_it_waits_for_neither_torch_nor_numpy(self, arguments):
        program = (
            "import sys\nfrom latentia.cli import main\n"
            f"try: main({arguments!r})\nexcept SystemExit: pass\n"
            "heavy = {'torch', 'numpy', 'matplotlib', 'pyarrow', 'sklearn'} & set(sys.modules)\n"
            "assert not heavy, heavy\n"
        )
        subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)

    def test_without_arguments_it_shows_help(self, latentia):
        said = latentia()
        assert "Commands:" in said.out + said.err
        assert said.code in (0, 2)


class TestDidYouMean:
    @pytest.mark.parametrize(
        ("arguments", "hint"),
        [
            (["tarin", "digits"], "Did you mean 'train'?"),
            (["evalute", "run"], "Did you mean 'evaluate'?"),
            (["train", "digits", "--epoch", "3"], "'--epochs'"),
            (["train", "digits", "--network.hiden", "3"], "'--network.hidden'"),
            (["train", "digits", "--prior", "mixtur"], "Did you mean 'mixture'?"),
            (["train", "digits", "--likelihood", "bernouli"], "Did you mean 'bernoulli'?"),
            (["train", "digits", "--preset", "autoencodr"], "Did you mean 'autoencoder'?"),
            (["train", "digit"], "Did you mean 'digits'?"),
            (["data", "fetch", "mnits"], "Did you mean 'mnist'?"),
        ],
    )
    def test_the_nearest_name_is_offered(self, latentia, arguments, hint):
        said = latentia(*arguments)
        assert said.code in (2, 3)
        assert hint in said.err
        assert "Traceback" not in said.err
        assert said.out == ""

    def test_nothing_near_is_not_guessed(self, latentia):
        said = latentia("xyzzy")
        assert said.code == 2
        assert "No such command 'xyzzy'" in said.err
        assert "mean" not in said.err


# Arguments with {odd}, {run}, {point}, {grey}, {table}, {data} and {out}; exit code; words.
MISTAKES = [
    # Usage.
    ("train", 2, "Which data?"),
    ("train {data} --epochs -1", 2, "at least 0"),
    ("train {data} --epochs -2", 2, "leave --epochs out"),
    ("train {data} --learning-rate 0", 2, "(it is 0.001 where"),
    ("train {data} --epochs many", 2, "no whole number"),
    ("train {data} --latent-dim 0", 2, "at least one latent"),
    ("train {data} --latent-dim -3", 2, "Use 1 or more"),
    ("train {data} --latent-dim two", 2, "not a valid integer"),
    ("train {data} --seed -1", 2, "-1"),
    ("train {data} --device tpu", 2, "'tpu'"),
    ("train {data} --max-time soon", 2, "'soon' is no number"),
    ("train {data} --max-time 1d", 2, "90s, 5m, 1h"),
    ("train {data} --learning-rate -1", 2, "--learning-rate"),
    ("train {data} --size 0", 2, "no side in pixels"),
    ("train {data} --validation 500", 2, "cannot have 500 rows"),
    ("train {data} --test 0.95 --validation 0.9", 2, "leave none to train on"),
    ("train {data} --corruption.rate 0.3", 2, "needs --corruption"),
    ("train {data} --posterior dirac --prior mixture", 2, "shrink onto its points"),
    ("train {data} --prior flat", 2, "no finite divergence"),
    ("train {data} --network.hidden 0", 2, "positive widths"),
    ("train {data} --network.hidden a", 2, "'a' is no number"),
    ("train {data} --network.activation swish", 2, "Choose one of: elu"),
    ("train {data} --objective.beta -1", 2, "cannot have beta=-1.0"),
    ("train {data} --network.dropout 1.5", 2, "probability below 1"),
    ("train {data} --network.dropout 2", 2, "--network.dropout 2.0"),
    ("train {data} --network linear --network.hidden 5", 2, "Use --network mlp"),
    ("train {table} --likelihood bernoulli", 2, "within [0, 1]"),
    ("train {table} --binarize dynamic", 2, "Only values within [0, 1]"),
    ("train {data} --config {odd}/none.toml", 2, "no such file"),
    ("sample {run} --out {out}/x.jpg", 2, "Use one of: .png"),
    ("sample {run} --out {out}/x", 2, "this one has none"),
    ("sample {run} -n 0 --out {out}/x.npy", 2, "At least one sample"),
    ("train {table} --drop a --drop b", 2, "--drop is given twice"),
    (
        "sample {run} --condition a=1 --condition b=2 --out {out}/x.npy",
        2,
        "--condition NAME=VALUE",
    ),
    ("sample {run} --seed -3 --out {out}/x.npy", 2, "-3"),
    ("sample {run}", 2, "Missing option '--out'"),
    ("sample {tablerun} --out {out}/x.png", 2, "no pictures"),
    ("reconstruct {run} -n 0 --out {out}/x.npy", 2, "At least one example"),
    ("interpolate {run} 0 12 --out {out}/x.npy", 2, "numbered 0 to 11"),
    ("interpolate {run} 0 1 --steps 1 --out {out}/x.npy", 2, "at least 2 steps"),
    ("interpolate {run} 0 --out {out}/x.npy", 2, "Missing argument 'SECOND'"),
    ("interpolate {run} -12 2 --out {out}/x.npy", 2, "-12 cannot stand here"),
    ("interpolate {run} 0 -1 --out {out}/x.npy", 2, "count from 0"),
    ("score {run} --top -1", 2, "Use 0 or more"),
    ("decode {run} {odd}/gap.csv --out {out}/x.npy", 3, "there are z0, z2"),
    ("decode {run} {odd}/twice.csv --out {out}/x.npy", 3, "there are z0, z1, z1"),
    ("decode {run} {odd}/nobody.csv --out {out}/x.npy", 2, "not (0, 2)"),
    ("decode {run} {odd}/holes.csv --out {out}/x.npy", 2, "holes.csv, first in row 1"),
    ("decode {run} {odd}/complex.npy --out {out}/x.npy", 3, "complex"),
    ("figure {tablerun} manifold", 2, "latent-map show a table"),
    ("figure {run} manifold --manifold.n 0", 2, "n must be at least 1, not 0"),
    ("figure {run} --manifold.n -2 --out {out}/f", 2, "n must be at least 1, not -2"),
    ("figure {run} traversals --traversals.steps 1", 2, "at least 2"),
    ("figure {run} traversals --traversals.example -2", 2, "at least -1"),
    ("figure {run} traversals --traversals.example 12", 2, "numbered 0 to 11"),
    ("figure {run} samples --samples.rows 0", 2, "rows must be at least 1"),
    ("figure {run} samples --samples.seed -1", 2, "seed must be at least 0"),
    ("figure {run} denoising --noise 2", 2, "--noise"),
    ("figure {run} samples --out {odd}/notes.txt/f", 5, "Name a folder"),
    ("evaluate {run} --importance -1", 2, "--importance"),
    ("evaluate {run} --split all", 2, "'all' is not one of"),
    ("score {run} --importance 0", 2, "At least one sample"),
    ("compare {run}", 2, "at least two runs"),
    ("decode {run} {odd}/z.npy --out {out}/x.npy", 2, "shape (n, 2), not (3, 5)"),
    ("data check", 2, "Which data?"),
    ("data burn mnist", 2, "'burn' is not one of"),
    ("figure {run} smaples --out {out}", 2, "Did you mean 'samples'?"),
    # Data.
    ("train {odd}/none.npy", 3, "no such file"),
    ("train nothing-of-this-name", 3, "no data set, file or folder"),
    ("train {odd}/cut.npy", 3, "cut.npy"),
    ("train {odd}/cut.parquet", 3, "cut.parquet"),
    ("train {odd}/empty.csv", 3, "empty"),
    ("train {odd}/notes.txt", 3, "Formats:"),
    ("train {odd}/pictures", 3, "pictures"),
    ("train {odd}/five.npy", 3, "five"),
    ("train {odd}/nan.npy", 3, "NaN"),
    ("train {odd}/infinite.npy", 3, "inf"),
    ("train {odd}/constant.csv", 3, "constant"),
    ("train {odd}/words.csv", 3, "words.csv"),
    ("data check {odd}/five.npy", 3, "five"),
    ("encode {run} {odd}/large.npy --out {out}/z.npy", 3, "(n, 6, 6)"),
    ("encode {run} {odd}/none.npy --out {out}/z.npy", 3, "no such file"),
    ("score {tablerun} {odd}/table.csv", 3, "height"),
    ("evaluate {run} --data {odd}/large.npy", 3, "(n, 6, 6)"),
    ("decode {run} {odd}/none.npy --out {out}/x.npy", 3, "no such file"),
    ("decode {run} {odd}/cut.npy --out {out}/x.npy", 3, "No latents can be read"),
    ("decode {run} {odd}/notes.txt --out {out}/x.npy", 3, "No latents can be read"),
    # Runs and models.
    ("evaluate {out}/none", 4, "no run here"),
    ("sample {odd} --out {out}/x.npy", 4, "no run here"),
    ("compare {run} {out}/none", 4, "no run here"),
    ("figure {out}/none", 4, "no run here"),
    ("sample {point} --out {out}/x.npy", 4, ""),
    ("train {data} --out {run}", 4, "already holds a run"),
    ("train --resume --out {out}/none", 4, "no run here"),
    # Machine.
    ("train {data} --epochs 1 --out {odd}/notes.txt/run", 5, "cannot be written"),
    ("sample {run} --out {out}/no/x.npy", 5, "Create it first"),
    ("sample {run} --out {odd}/notes.txt/x.npy", 5, ""),
]


@pytest.mark.parametrize(("line", "code", "words"), MISTAKES, ids=[line for line, *_ in MISTAKES])
def test_a_mistake_gets_an_answer_and_no_traceback(
    line,
    code,
    words,
    latentia,
    odd,
    tmp_path,
    monkeypatch,
    inked_run,
    point_run,
    table_run,
    inked_path,
    table_path,
):
    monkeypatch.chdir(tmp_path)
    names = {
        **{"odd": odd, "run": inked_run, "point": point_run, "tablerun": table_run},
        **{"data": inked_path, "table": table_path, "out": tmp_path},
    }
    said = latentia(*(part.format(**names) for part in line.split()))
    assert said.code == code, said.err
    assert words in said.err
    assert "Traceback" not in said.err
    assert said.out == ""
    assert said.err.strip()
    # Nothing is left behind: no half run, no half file.
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_a_full_disk_in_the_middle_of_the_work(latentia, inked_run, tmp_path, monkeypatch):
    from latentia import output

    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(output, "write_atomically", full)
    said = latentia("sample", inked_run, "--out", tmp_path / "x.npy")
    assert said.code == 5
    assert "No space left on device" in said.err
    assert str(tmp_path / "x.npy") in said.err


def test_a_keyboard_interrupt_outside_of_training(latentia, monkeypatch, inked_path):
    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr("latentia.data.load", interrupted)
    said = latentia("train", inked_path)
    assert said.code == 130
    assert said.err.strip() == "latentia: interrupted"


def test_a_keyboard_interrupt_before_the_first_step(latentia, monkeypatch, inked_path, tmp_path):
    from latentia.session import Session

    def interrupted(*arguments, **options):
        raise KeyboardInterrupt

    monkeypatch.setattr(Session, "train", interrupted)
    said = latentia("train", inked_path, "--out", tmp_path / "r")
    assert said.code == 130
    assert f"Continue with: latentia train --resume --out {tmp_path / 'r'}" in said.err
    monkeypatch.undo()
    assert latentia("train", "--resume", "--out", tmp_path / "r", "--epochs", 1).code == 0


class TestJson:
    """`--json` prints one object on standard output, and nothing else there."""

    @pytest.mark.parametrize(
        "line",
        [
            "train {data} --out {out}/r --epochs 1 --network.hidden 8",
            "train --list-presets",
            "evaluate {run} --importance 3",
            "sample {run} -n 3 --out {out}/x.npy",
            "reconstruct {run} --out {out}/x.npy",
            "encode {run} --out {out}/x.npy",
            "interpolate {run} 0 1 --out {out}/x.npy",
            "score {run} --importance 3",
            "compare {run} {grey}",
            "data list",
            "data check {data}",
            "doctor",
        ],
    )
    def test_one_object(self, line, latentia, inked_run, grey_run, inked_path, tmp_path):
        names = {"run": inked_run, "grey": grey_run, "data": inked_path, "out": tmp_path}
        for flags in ([], ["--quiet"]):
            if "train {" in line:
                shutil.rmtree(tmp_path / "r", ignore_errors=True)
            said = latentia(*(part.format(**names) for part in line.split()), "--json", *flags)
            assert said.code == 0, said.err
            found = json.loads(said.out, parse_constant=lambda name: pytest.fail(name))
            assert isinstance(found, dict)
            if flags:
                assert said.err == ""

    def test_quiet_says_the_result_and_nothing_else(self, latentia, inked_path, tmp_path):
        said = latentia(
            *("train", inked_path, "--out", tmp_path / "r", "--epochs", 1, "--quiet"),
            *("--network.hidden", 8),
        )
        assert said.err == ""
        assert said.out.count("\n") == 1
        assert "best epoch 1 of 1" in said.out

    def test_numbers_that_json_has_no_word_for_become_null(self, capsys):
        from latentia.shell import Shell

        Shell(as_json=True).give({"a": float("nan"), "b": (float("inf"), 1.5)}, "")
        assert json.loads(capsys.readouterr().out) == {"a": None, "b": [None, 1.5]}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="of glibc alone")
def test_large_blocks_are_not_handed_back_to_the_system_each_time(latentia):
    """Half of the time of an image network went into getting the same pages again."""
    import ctypes
    import resource

    import torch

    if not hasattr(ctypes.CDLL(None), "mallopt"):
        pytest.skip("another C library")
    assert latentia("--version").code == 0

    def faults():
        return resource.getrusage(resource.RUSAGE_SELF).ru_minflt

    numbers = 12 << 20
    torch.ones(numbers)  # 48 MB; twelve thousand pages
    before = faults()
    for _ in range(5):
        torch.ones(numbers)
    assert faults() - before < 5 * numbers // 1024 // 2
