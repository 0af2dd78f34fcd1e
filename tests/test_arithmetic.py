"""No function of the vector library is first called by two threads at once."""

import subprocess
import sys

import torch

from latentia import arithmetic


def test_every_function_is_called_on_one_number_in_both_precisions(monkeypatch):
    called = []

    class Number:
        def __init__(self, kind):
            self.kind = kind

        def __getattr__(self, name):
            getattr(torch.ones(1), name)  # there is such a function
            return lambda: called.append((name, self.kind))

    monkeypatch.setattr(torch, "full", lambda shape, value, dtype: Number(dtype))
    arithmetic.settle()
    assert len(set(called)) == len(called) == 2 * len(arithmetic._FUNCTIONS)
    assert {("exp", torch.float32), ("log", torch.float64)} <= set(called)


def test_a_model_cannot_be_had_without_it():
    program = (
        "import latentia.arithmetic as a; a.settle = lambda: print('settled');"
        "import latentia.model"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert said.stdout == "settled\n", said.stderr
