"""Pictures of a run that trains: the same examples and draws, in little time, and no trace."""

import numpy as np
import pytest
import torch

from latentia.estimator._load import load
from latentia.explorer import film as module
from latentia.explorer.film import COUNT, Film


@pytest.fixture
def model(inked_run):
    return load(inked_run, device="cpu")


def frame(film, epoch):
    return np.frombuffer(film.reel.frames[epoch], np.uint8).reshape(-1, 6, 6)


def test_a_frame_is_what_the_model_makes_of_examples_and_draws(model, inked):
    film = Film(model, inked[:20])
    assert film.layout == {"examples": COUNT, "draws": COUNT, "height": 6, "width": 6}
    assert film.take(1, 100.0) and film.epochs == [1]
    made = frame(film, 1)
    wanted = [model.reconstruct(inked[:COUNT]), model.sample_mean(COUNT, random_state=0)]
    wanted = np.round(np.concatenate(wanted) * 255)
    assert np.array_equal(made, wanted.astype(np.uint8))
    own = np.frombuffer(film.reel.named("examples"), np.uint8).reshape(-1, 6, 6)
    assert np.array_equal(own, inked[:COUNT])


def test_other_weights_make_another_frame_of_the_same_draws(model, inked):
    film = Film(model, inked)
    film.take(1, 100.0)
    film.take(2, 100.0)
    assert np.array_equal(frame(film, 1), frame(film, 2))
    with torch.no_grad():
        for parameter in model.model_.parameters():
            parameter += 0.1
    film.take(3, 100.0)
    assert not np.array_equal(frame(film, 1), frame(film, 3))


def test_it_leaves_no_trace(model, inked):
    model.model_.train()
    state = torch.random.get_rng_state()
    weights = {name: value.clone() for name, value in model.model_.state_dict().items()}
    Film(model, inked).take(1, 100.0)
    assert torch.equal(state, torch.random.get_rng_state())
    assert model.model_.training
    assert all(torch.equal(weights[n], v) for n, v in model.model_.state_dict().items())


def test_it_takes_a_small_share_of_the_time(model, inked, monkeypatch):
    clock = [0.0]
    made = Film._made

    def slow(film):
        clock[0] += 3.0
        return made(film)

    monkeypatch.setattr(module.time, "perf_counter", lambda: clock[0])
    monkeypatch.setattr(Film, "_made", slow)
    film = Film(model, inked)
    # The probe is free here, so a first frame is taken; its cost is then known.
    taken = [epoch for epoch in range(1, 1000) if film.take(epoch, 10.0 * epoch)]
    assert taken[0] == 1
    assert 3.0 * len(taken) <= 0.02 * 10.0 * 999
    assert len(taken) > 50


def test_what_costs_too_much_is_not_begun(model, inked, monkeypatch):
    clock = iter(np.arange(0.0, 1e6, 5.0).tolist())
    monkeypatch.setattr(module.time, "perf_counter", lambda: next(clock))
    film = Film(model, inked)
    assert not film.take(0, 0.0) and film.epochs == []


def test_a_long_film_is_thinned_and_keeps_its_ends(model, inked, monkeypatch):
    monkeypatch.setattr(module, "_MOST", 8)
    film = Film(model, inked)
    for epoch in range(100):
        film.take(epoch, 1e6)
        assert len(film.epochs) <= 8
        assert film.epochs[0] == 0 and film.epochs[-1] == epoch
    assert film.epochs == sorted(film.epochs)


def test_an_autoencoder_has_no_draws(point_run, inked):
    film = Film(load(point_run, device="cpu"), inked)
    assert film.layout["draws"] == 0
    film.take(1, 100.0)
    assert len(frame(film, 1)) == COUNT


def test_draws_are_under_the_conditions_of_the_examples(told_run, inked):
    model = load(told_run, device="cpu")
    c = np.eye(2, dtype=np.float32)[np.arange(len(inked)) % 2]
    film = Film(model, inked, c)
    film.take(1, 100.0)
    under = model.under(c[:COUNT])
    wanted = [under.reconstruct(inked[:COUNT]), under.sample_mean(COUNT, random_state=0)]
    assert np.array_equal(frame(film, 1), np.round(np.concatenate(wanted) * 255))


def test_a_table_has_no_pictures(table_run):
    film = Film(load(table_run, device="cpu"), np.zeros((8, 3)))
    assert film.layout is None and not film.take(1, 100.0)


def test_it_goes_on_where_an_earlier_one_of_the_same_examples_ends(model, inked):
    earlier = Film(model, inked)
    for epoch in (0, 1, 2):
        earlier.take(epoch, 100.0)
    film = Film(model, inked)
    film.go_on(earlier.reel)
    assert film.reel.frames == earlier.reel.frames
    with torch.no_grad():
        for parameter in model.model_.parameters():
            parameter += 0.1
    # From the middle of epoch 2: what had come after its end of epoch 1 comes again.
    film.begin(1, 100.0)
    assert film.epochs == [0, 1] and film.reel.frames[1] == earlier.reel.frames[1]
    film.take(2, 100.0)
    assert film.epochs == [0, 1, 2] and film.reel.frames[2] != earlier.reel.frames[2]
    other = Film(model, inked[10:])
    other.go_on(earlier.reel)
    assert other.epochs == []
    other.begin(2, 100.0, ended=False)  # in the middle of epoch 3
    assert other.epochs == []
    other.begin(3, 100.0)
    assert other.epochs == [3]
