"""Models that are compiled in parts."""

import pytest
import torch
from torch import nn

from latentia.training import compiled, tuning
from latentia.training.compiled import compiled_loss, has_regions
from latentia.training.engine import Engine
from latentia.training.progress import Quiet
from latentia.training.settings import Settings

LADDER = {"name": "ladder", "groups": (2, 2), "width": 2, "channels": 8, "patch": 1, "blocks": 1}


class Warned(Quiet):
    def __init__(self):
        self.said = []

    def warn(self, text):
        self.said.append(text)


@pytest.fixture
def made(monkeypatch):
    """Compile without a compiler, and keep what is asked for."""
    real, asked = torch.compile, []

    def traced(function, *, fullgraph, dynamic, options):
        asked.append(function.__name__)
        return real(function, fullgraph=fullgraph, dynamic=dynamic, backend="aot_eager")

    monkeypatch.setattr(torch, "compile", traced)
    return asked


@pytest.fixture
def ladder(make_session):
    def build(**settings):
        return make_session(
            wishes={"network": LADDER, "latent_dim": "auto"}, epochs=1, corruption=None, **settings
        )

    return build


def test_only_a_model_with_layers_that_say_so_has_regions(ladder, make_session):
    assert has_regions(ladder().model)
    assert not has_regions(make_session().model)


def test_each_kind_of_layer_is_compiled_once_and_comes_to_the_same_weights(ladder, made):
    found = []
    for choice in ("no", "yes"):
        session, observer = ladder(compile=choice), Warned()
        session.train(observer)
        assert observer.said == []
        found.append(torch.cat([w.flatten() for w in session.model.state_dict().values()]))
    torch.testing.assert_close(found[1], found[0], rtol=1e-3, atol=1e-4)
    # Groups of the two scales are alike but for the 3x3 of the finer; so are heads and blocks.
    names = [getattr(m, "regions", ()) for m in session.model.modules()]
    assert 3 <= len(made) < sum(map(len, names))


def test_layers_are_themselves_when_the_loss_has_been_taken(ladder, made):
    session = ladder(compile="yes")
    task = session.task
    engine = Engine(task.model, task.objective, task.train, session.config.training)
    layers = [m for m in task.model.modules() if getattr(m, "regions", ())]
    engine.step(1, torch.arange(32), 50.0, 1e-3)
    assert engine._proven
    assert not any(name in m.__dict__ for m in layers for name in m.regions)


def test_layers_are_themselves_after_a_loss_that_failed(ladder, made, monkeypatch):
    model = ladder().model
    monkeypatch.setattr(compiled, "loss", lambda *arguments: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        compiled_loss(model)(model, None, None, None, 0.0)
    assert not any(
        name in m.__dict__ for m in model.modules() for name in getattr(m, "regions", ())
    )


def test_a_region_within_a_region_is_part_of_it():
    class Inner(nn.Module):
        regions = ("forward",)

    class Outer(nn.Module):
        regions = ("above", "below")

        def __init__(self):
            super().__init__()
            self.inner = Inner()

    outer = Outer()
    found = list(compiled._regions(nn.Sequential(outer, nn.ReLU(), Inner())))
    assert [name for _, name in found] == ["above", "below", "forward"]
    assert all(layer is not outer.inner for layer, _ in found)


@pytest.mark.parametrize(("place", "choice"), [("cpu", "no"), ("cuda", "yes")])
def test_what_is_compiled_in_parts_pays_for_itself_on_a_gpu(ladder, monkeypatch, place, choice):
    monkeypatch.setattr(tuning, "_gain", lambda device: 1.0)
    monkeypatch.setattr(tuning, "_can_compile", lambda device: True)
    task = ladder().task
    weight = torch.zeros(1, device="meta")
    weight = type("There", (), {"device": torch.device(place)})()
    monkeypatch.setattr(task.model, "parameters", lambda: iter([weight]))
    settings = Settings(epochs=10**6, batch_size=128)
    found, _ = tuning.tuned(settings, task.model, task.objective, task.train, 1e9)
    assert found.compile == choice
