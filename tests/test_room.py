"""A folder is a menu: names, options and types come from its files, and a new file is enough."""

import importlib.util
import inspect
import sys
from pathlib import Path

import numpy as np
import pytest

import latentia as lt
import latentia.prior
from latentia import room
from latentia.errors import UsageError
from latentia.options import component_options

HERE = Path(__file__).parent

STUDENT_T = '''
"""A prior with heavier tails than the normal's."""

from __future__ import annotations

from typing import final

import torch
from torch import Tensor, nn
from torch.distributions import Distribution, Independent, StudentT as StudentTDistribution

from latentia.prior.base import Prior


@final
class StudentT(Prior):
    """Independent Student t latents of a learned scale.

    Arguments:
        latent_dim: L, the number of latents.
        df: Degrees of freedom; the normal at infinity.
    """

    def __init__(self, latent_dim: int, *, df: float = 5.0) -> None:
        super().__init__()
        self.df = df
        self.log_scale = nn.Parameter(torch.zeros(latent_dim))

    def forward(self, c: Tensor | None = None) -> Distribution:
        each = StudentTDistribution(self.df, 0.0, self.log_scale.exp(), validate_args=False)
        return Independent(each, 1, validate_args=False)
'''


@pytest.fixture
def new_file(tmp_path, monkeypatch):
    """Put a file into a room for one test."""
    before = set(sys.modules)

    def put(name, text):
        (tmp_path / name).write_text(text)
        paths = [*latentia.prior.__path__, str(tmp_path)]
        monkeypatch.setattr(latentia.prior, "__path__", paths)

    yield put
    for name in set(sys.modules) - before:
        if name.startswith("latentia.prior."):
            del sys.modules[name]
            vars(latentia.prior).pop(name.rsplit(".", 1)[-1], None)


def contract(name):
    """Return the tests of a room's contract that take nothing but a member."""
    path = HERE / "contract" / f"test_{name}.py"
    spec = importlib.util.spec_from_file_location(f"contract_of_{name}", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    tests = [f for n, f in vars(module).items() if n.startswith("test_")]
    return [test for test in tests if list(inspect.signature(test).parameters) == ["member"]]


def test_names_are_the_files_of_the_folder():
    folder = Path(latentia.prior.__file__).parent
    files = {path.stem.replace("_", "-") for path in folder.glob("[!_]*.py")} - {"base"}
    assert room.names("prior") == sorted(files)


def test_a_member_is_described_from_its_source_without_being_imported():
    found = room.member("objective", "elbo")
    assert found.class_name == "ELBO" and found.module == "latentia.objective.elbo"
    assert found.summary.startswith("The evidence lower bound")
    beta = next(option for option in found.options if option.name == "beta")
    assert (beta.annotation, beta.default, beta.help) == ("float", 1.0, "Weight of the KL term.")


def test_a_help_text_of_several_lines_is_one_sentence():
    options = {o.name: o for o in room.member("network", "mlp").options}
    assert options["activation"].help.startswith("One name for all layers")
    assert options["activation"].help.endswith("the decoder mirrors it.")
    assert "\n" not in options["activation"].help


@pytest.mark.parametrize("name", ["standard_normal", "Standard-Normal", "standard-normal"])
def test_dashes_underscores_and_capitals_are_the_same(name):
    assert room.member("prior", name).name == "standard-normal"


def test_an_unknown_name_is_refused_with_the_nearest_and_all():
    with pytest.raises(UsageError) as error:
        room.member("prior", "mixtur")
    assert "Did you mean 'mixture'?" in str(error.value)
    assert "standard-normal" in str(error.value) and "--prior mixtur" in str(error.value)


def test_an_unknown_option_is_refused_with_the_nearest():
    with pytest.raises(UsageError, match="Did you mean 'components'"):
        room.spec("prior", {"name": "mixture", "component": 3})


@pytest.mark.parametrize(
    ("name", "member", "option", "text", "value"),
    [
        ("network", "mlp", "hidden", "300,200", [300, 200]),
        ("network", "mlp", "hidden", "300", [300]),
        ("network", "mlp", "dropout", "0.1", 0.1),
        ("network", "mlp", "activation", "elu,tanh", "elu,tanh"),
        ("prior", "mixture", "components", "20", 20),
        ("posterior", "gaussian", "scale", "softplus", "softplus"),
    ],
)
def test_a_text_becomes_what_the_source_says(name, member, option, text, value):
    found = room.spec(name, {"name": member, option: text})[option]
    assert found == value and type(found) is type(value)


@pytest.mark.parametrize(
    ("name", "member", "option", "text"),
    [
        ("network", "mlp", "hidden", "300,wide"),
        ("network", "mlp", "dropout", "some"),
        ("prior", "mixture", "components", "2.5"),
        ("prior", "mixture", "components", "inf"),
        ("prior", "mixture", "components", "nan"),
        ("posterior", "gaussian", "scale", "square"),
    ],
)
def test_a_text_of_another_type_is_refused_naming_the_option(name, member, option, text):
    with pytest.raises(UsageError, match=f"--{name}.{option}"):
        room.spec(name, {"name": member, option: text})


def test_a_flag_is_yes_or_no_and_nothing_else(new_file):
    new_file("switch.py", STUDENT_T.replace("df: float = 5.0", "df: bool = False"))
    for text, value in [("yes", True), ("True", True), ("0", False), ("off", False)]:
        assert room.spec("prior", {"name": "switch", "df": text})["df"] is value
    with pytest.raises(UsageError, match=r"--prior\.df"):
        room.spec("prior", {"name": "switch", "df": "perhaps"})


def test_a_spec_is_complete_and_builds_the_same_again():
    short = room.spec("network", {"name": "mlp", "hidden": "30,20"})
    assert set(short) == {"name", "hidden", "activation", "dropout"}
    assert room.spec("network", short) == short
    built = room.build("network", short)
    assert built.hidden == (30, 20) and built.dropout == 0


def test_build_gives_a_constructor_what_it_names_and_nothing_else():
    offer = {"latent_dim": 3, "x_shape": (5,), "network": object(), "unheard": 1}
    assert room.build("prior", "standard-normal", **offer)().event_shape == (3,)


def test_a_file_must_hold_exactly_one_final_class(new_file):
    new_file("twice.py", STUDENT_T + STUDENT_T.replace("class StudentT(", "class Other("))
    with pytest.raises(TypeError, match="exactly one"):
        room.members("prior")


def test_an_invented_prior_is_a_file_and_nothing_else(new_file):
    new_file("student_t.py", STUDENT_T)
    assert "student-t" in room.names("prior")

    flags = {flag: o.help for o in component_options(["prior"]) for flag in o.opts}
    assert "student-t: Independent Student t latents" in flags["--prior"]
    assert "student-t: Degrees of freedom" in flags["--prior.df"]

    tests = contract("prior")
    assert len(tests) > 8
    for test in tests:
        test({"name": "student-t", "df": 7.0})

    X = np.random.default_rng(0).integers(0, 2, (40, 6)).astype(np.uint8)
    vae = lt.VAE(2, prior={"name": "student-t", "df": 7.0}, max_epochs=1).fit(X)
    assert vae.model_.prior.df == 7
    assert vae.sample(3).shape == (3, 6)
    assert np.isfinite(vae.score_samples(X, 10)).all()


def test_a_wrong_prior_does_not_pass_the_contract(new_file):
    """The contract is a test of the file: a constant forgotten is found."""
    wrong = STUDENT_T.replace(
        "        return Independent",
        "        each.log_prob = lambda z: -z.square() / 2\n        return Independent",
    )
    new_file("wrong.py", wrong)
    integral = next(t for t in contract("prior") if "integrates_to_one" in t.__name__)
    with pytest.raises(AssertionError):
        integral({"name": "wrong"})


@pytest.mark.parametrize(
    ("room_name", "value"),
    [
        ("network", {"name": "mlp", "hidden": 32}),
        ("network", {"name": "mlp", "hidden": (32, True)}),
        ("network", {"name": "mlp", "dropout": None}),
        ("prior", {"name": "mixture", "components": 2.5}),
        ("prior", {"name": "mixture", "components": True}),
        ("posterior", {"name": "gaussian", "scale": 1}),
    ],
)
def test_a_value_of_another_type_is_refused(room_name, value):
    with pytest.raises(UsageError, match="cannot be: it should be") as caught:
        room.spec(room_name, value)
    assert caught.value.where.startswith(f"--{room_name}.")


def test_a_component_without_a_name_is_refused():
    with pytest.raises(UsageError, match="needs a name"):
        room.spec("corruption", {"rate": 0.5})


def test_whole_numbers_are_numbers():
    assert room.spec("objective", {"name": "elbo", "beta": 2})["beta"] == 2
