"""`latentia figure` on small real runs."""

import shutil

import numpy as np
import pytest

import latentia as lt

DIGITS = ("digits", "--epochs", 2, "--network.hidden", 16, "--quiet")


@pytest.fixture(scope="module")
def runs(latentia, tmp_path_factory):
    """Three runs on the digits, by the name of their folder."""
    folder = tmp_path_factory.mktemp("runs")
    wanted = {
        "vae": ("--latent-dim", 2, "--snapshots"),
        "wide": ("--latent-dim", 6, "--corruption", "masking"),
        "ae": ("--preset", "autoencoder", "--latent-dim", 2),
        "mixture": ("--latent-dim", 2, "--prior", "mixture"),
    }
    for name, options in wanted.items():
        said = latentia("train", *DIGITS, "--out", folder / name, *options)
        assert said.code == 0, said.err
    return {name: folder / name for name in wanted}


def drawn(said):
    assert said.code == 0, said.err
    return {path.rsplit("/", 1)[1].split(".")[0] for path in said.json["figures"]}


def test_all_that_apply_and_why_the_others_do_not(latentia, runs, tmp_path):
    against = f"{runs['wide']},{runs['ae']}"
    said = latentia("figure", runs["vae"], "--against", against, "--out", tmp_path, "--json")
    assert drawn(said) == {path.stem for path in tmp_path.iterdir()}
    assert set(said.json["left_out"]) == {"conditions", "denoising", "factors", "groups"}
    assert {"ae-vs-vae", "by-latent-size", "epochs", "manifold"} <= drawn(said)


def test_into_the_runs_own_folder_and_in_another_format(latentia, runs, tmp_path):
    run = tmp_path / "run"
    shutil.copytree(runs["wide"], run)
    said = latentia("figure", run, "kl-spectrum", "denoising", "--format", "svg", "--json")
    assert drawn(said) == {"kl-spectrum", "denoising"} and said.json["left_out"] == {}
    assert sorted(path.name for path in (run / "figures").iterdir()) == [
        "denoising.svg", "kl-spectrum.svg",
    ]  # fmt: skip


def test_the_figure_knows_the_runs_facts(latentia, runs):
    from latentia.command._inputs import Asked
    from latentia.command.figure import _subject
    from latentia.shell import Shell

    shell = Shell(False, None, "cpu", True)
    subject = _subject(shell, runs["mixture"], Asked(), [runs["ae"]], None, None)
    assert subject.prior == "mixture" and subject.no_likelihood == ""
    assert not subject.has_normal_prior and not subject.trained_on_noise
    z = np.array([[0.0, 0.0], [1.0, -2.0]])
    assert subject.prior_log_prob(z).shape == (2,)
    side = np.linspace(-9, 9, 181)
    grid = np.stack(np.meshgrid(side, side), -1).reshape(-1, 2)
    assert np.isclose(np.exp(subject.prior_log_prob(grid)).sum() * 0.01, 1, atol=0.01)
    (peer,) = subject.others
    assert peer.title == "ae" and peer.prior == "flat" and "point mass" in peer.no_likelihood
    noisy = _subject(shell, runs["wide"], Asked(), [], None, None)
    assert noisy.trained_on_noise and noisy.corruption(noisy.test_x[:3], 0).shape == (3, 8, 8)


@pytest.mark.parametrize(
    ("run", "kind", "what", "how"),
    [
        ("vae", "ae-vs-vae", "no second model", "--against RUN"),
        ("vae", "by-latent-size", "no other models", "--against RUN"),
        ("vae", "denoising", "without noise", "--noise RATE"),
        ("wide", "manifold", "6 dimensions", ""),
        ("wide", "epochs", "no snapshots", "--snapshots"),
        ("ae", "samples", "no prior to sample", ""),
        ("mixture", "manifold", "the prior is mixture", ""),
    ],
)
def test_a_kind_that_does_not_apply(run, kind, what, how, latentia, runs, tmp_path, says):
    out = tmp_path / "pictures"
    said = latentia("figure", runs[run], "latent-map", kind, "--out", out)
    assert said.code == 2
    says(said.err, what, f"figure {kind}", how)
    assert not out.exists()  # nothing is half done


def test_an_unknown_kind(latentia, runs, says):
    said = latentia("figure", runs["vae"], "latent-mop")
    assert said.code == 2
    says(said.err, "latent-mop", "Did you mean 'latent-map'?", "KIND")


def test_a_run_fitted_on_an_array_asks_for_data(latentia, inked, inked_path, tmp_path, says):
    network = {"name": "mlp", "hidden": (16,)}
    lt.VAE(2, network=network, max_epochs=1, random_state=0).fit(inked).save(tmp_path / "run")
    said = latentia("figure", tmp_path / "run", "latent-map")
    assert said.code == 4
    says(said.err, "array in memory", "--data FILE")
    said = latentia("figure", tmp_path / "run", "latent-map", "--data", inked_path, "--json")
    assert drawn(said) == {"latent-map"}


def test_noise_of_ones_own(latentia, runs, tmp_path):
    said = latentia(
        "figure", runs["vae"], "denoising", "--noise", 0.2, "--out", tmp_path, "--json"
    )
    assert drawn(said) == {"denoising"}


def test_a_table(latentia, table_run, tmp_path):
    said = latentia("figure", table_run, "--out", tmp_path, "--noise", 0.2, "--json")
    assert {"reconstructions", "samples", "learning-curves"} <= drawn(said)
    reason = said.json["left_out"]["denoising"]
    assert reason.startswith("the data are rows of a table, not images; reconstructions")


def test_other_examples_cannot_stand_beside(latentia, runs, table_run, says):
    said = latentia("figure", runs["vae"], "--against", table_run)
    assert said.code == 2
    says(said.err, "(3,), not (8, 8)", "--against", "same data")


def test_numbers_that_are_no_likelihood_carry_a_star(latentia, grey_run, tmp_path):
    said = latentia(
        "figure", grey_run, "learning-curves", "--format", "svg", "--out", tmp_path, "--json"
    )
    assert drawn(said) == {"learning-curves"}
    text = (tmp_path / "learning-curves.svg").read_text()
    assert "<!-- ELBO* (nats per example) -->" in text and "* no likelihood: " in text


def test_options_of_a_figure_reach_it(latentia, runs, tmp_path):
    plain, few = tmp_path / "plain", tmp_path / "few"
    assert latentia("figure", runs["vae"], "manifold", "--out", plain).code == 0
    said = latentia("figure", runs["vae"], "manifold", "--manifold.n", 4, "--out", few)
    assert said.code == 0, said.err
    assert (plain / "manifold.png").read_bytes() != (few / "manifold.png").read_bytes()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("epochs", "--epochs.kind", "manifld"), ["--epochs.kind", "map, manifold"]),
        (("manifold", "--manifold.n", "many"), ["--manifold.n", "no number"]),
        (("samples", "--manifold.n", "4"), ["manifold", "not to be drawn", "--manifold.n"]),
        (("manifold", "--manifold.m", "4"), ["--manifold.m"]),
    ],
)
def test_an_option_that_cannot_be_or_would_do_nothing(latentia, runs, options, words):
    said = latentia("figure", runs["vae"], *options)
    assert said.code == 2
    assert all(word in said.err for word in words), said.err
