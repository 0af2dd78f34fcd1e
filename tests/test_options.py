"""Options of components: from flags and files to typed dictionaries."""

import json

import pytest

from latentia import room
from latentia.errors import UsageError
from latentia.options import component_options, gathered, read_config


def config(run):
    return json.loads((run / "config.json").read_text())


def test_every_member_and_option_of_a_room_is_a_flag_with_help():
    flags = {option.opts[0]: option for option in component_options(["prior", "network"])}
    for name in ("prior", "network"):
        menu = flags[f"--{name}"].help
        for member in room.members(name):
            assert member.name in menu
            for option in member.options:
                text = flags[f"--{name}.{option.name}"].help
                assert member.name in text
                assert "[default: " in text


def test_an_unknown_member_names_the_nearest(says):
    with pytest.raises(UsageError) as caught:
        gathered({"prior": "standart-normal"}, ["prior"])
    says(caught.value, "no prior called", "Did you mean 'standard-normal'?", "mixture")


def test_underscores_name_the_same_member():
    assert gathered({"prior": "standard_normal"}, ["prior"]) == {
        "prior": {"name": "standard-normal"}
    }


class TestConfigFile:
    @pytest.fixture
    def write(self, tmp_path):
        def write(text):
            path = tmp_path / "my.toml"
            path.write_text(text)
            return path

        return write

    def test_dashes_and_underscores_are_the_same(self, write):
        path = write("latent-dim = 3\nbatch_size = 8\n[network]\nhidden = [4]\n")
        assert read_config(path) == {
            **{"latent_dim": 3, "batch_size": 8, "network": {"hidden": [4]}}
        }

    def test_no_such_file_and_no_toml(self, write, tmp_path, says):
        with pytest.raises(UsageError) as caught:
            read_config(tmp_path / "none.toml")
        says(caught.value, "no such file", "none.toml")
        with pytest.raises(UsageError) as caught:
            read_config(write("epochs: 3"))
        says(caught.value, "no TOML", "line 1", "epochs = 20")
        with pytest.raises(UsageError) as caught:
            read_config(tmp_path)
        says(caught.value, "cannot be read", "directory")

    def test_flags_lie_over_the_file(self, write, latentia, inked_path, tmp_path):
        path = write(
            "epochs = 9\nlatent-dim = 3\nbinarize = 'threshold'\n"
            "[network]\nname = 'mlp'\nhidden = [12, 8]\nactivation = 'tanh'\n"
            "[prior]\nname = 'mixture'\ncomponents = 4\n"
        )
        said = latentia(
            *("train", inked_path, "--out", tmp_path / "run", "--config", path),
            *("--epochs", 1, "--network.hidden", "16", "--prior", "standard-normal"),
        )
        assert said.code == 0, said.err
        found = config(tmp_path / "run")
        assert found["training"]["epochs"] == 1
        assert found["model"]["latent_dim"] == 3
        assert found["model"]["binarize"] == "threshold"
        assert found["model"]["network"]["hidden"] == [16]
        assert found["model"]["network"]["activation"] == "tanh"
        # Another member does not inherit the options of the one that it replaces.
        assert found["model"]["prior"] == {"name": "standard-normal"}

    @pytest.mark.parametrize(
        ("text", "what"),
        [
            ("epoch = 3", "Did you mean 'epochs'?"),
            ("prier = 'mixture'", "Did you mean 'prior'?"),
            ("[prior]\nname = 'mixture'\ncomponent = 3", "Did you mean 'components'?"),
            ("[prior]\nname = 'mixtur'", "Did you mean 'mixture'?"),
            ("epochs = 'many'", "'many' cannot be"),
            ("epochs = [1]", "cannot be the value of epochs"),
            ("epochs = -1", "-1 cannot be: it must be at least 0"),
            ("latent-dim = 'two'", "cannot be the value of latent-dim"),
            ("latent-dim = 2.5", "cannot be the value of latent-dim"),
            ("latent-dim = true", "cannot be the value of latent-dim"),
            ("binarize = 'dynamik'", "cannot be the value of binarize"),
            ("validation = 'some'", "cannot be the value of validation"),
            ("network = 3", "cannot be the value of network"),
            ("[network]\nname = 3", "cannot be the value of network"),
            ("[network]\nhidden = 'a,b'", "'a' is no number"),
        ],
    )
    def test_what_cannot_be_is_refused(self, write, text, what, latentia, inked_path, tmp_path):
        said = latentia("train", inked_path, "--out", tmp_path / "r", "--config", write(text))
        assert said.code == 2, said.err
        assert what in said.err
        assert not (tmp_path / "r").exists()

    def test_a_preset_and_a_file_at_once(self, write, latentia, inked_path):
        said = latentia("train", inked_path, "--preset", "iwae-vae", "--config", write(""))
        assert said.code == 2
        assert "not both" in said.err


class TestFlags:
    def train(self, latentia, data, out, *options):
        said = latentia("train", data, "--out", out, "--epochs", 1, *options)
        assert said.code == 0, said.err
        return config(out)

    def test_a_member_with_an_option(self, latentia, inked_path, tmp_path):
        found = self.train(
            *(latentia, inked_path, tmp_path / "r"),
            *("--prior", "mixture", "--prior.components", "3", "--network.hidden", "8"),
        )
        assert found["model"]["prior"]["name"] == "mixture"
        assert found["model"]["prior"]["components"] == 3

    def test_an_option_without_its_member_goes_to_the_automatic_choice(
        self, latentia, inked_path, tmp_path
    ):
        found = self.train(latentia, inked_path, tmp_path / "r", "--network.hidden", "32,16")
        assert found["model"]["network"]["name"] == "mlp"
        assert found["model"]["network"]["hidden"] == [32, 16]

    def test_an_option_that_the_automatic_choice_does_not_have(self, latentia, inked_path):
        said = latentia("train", inked_path, "--network.channels", "8")
        assert said.code == 2
        assert "There is no option 'channels'" in said.err

    @pytest.mark.parametrize(
        ("text", "seconds"), [("0.001", 0.001), ("1s", 1), ("2m", 120), ("0.5H", 1800)]
    )
    def test_times_have_units(self, latentia, inked_path, tmp_path, text, seconds):
        found = self.train(latentia, inked_path, tmp_path / "r", "--max-time", text)
        assert found["training"]["max_time"] == pytest.approx(seconds)

    def test_the_seed_and_all_settings_are_recorded(self, latentia, inked_path, tmp_path):
        found = self.train(
            *(latentia, inked_path, tmp_path / "r", "--seed", 11, "--batch-size", 20),
            *("--learning-rate", "0.01", "--schedule", "constant", "--clip", 5, "--snapshots"),
            *("--precision", "bfloat16"),
        )
        assert found["training"] == {
            **{"epochs": 1, "batch_size": 20, "learning_rate": 0.01, "schedule": "constant"},
            **{"weight_decay": 0.0, "clip": 5.0, "patience": None, "max_time": None},
            **{"skip": None, "average": None},
            **{"snapshots": True, "seed": 11, "precision": "bfloat16", "compile": "no"},
        }
