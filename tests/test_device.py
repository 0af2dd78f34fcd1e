import pytest
import torch

from latentia.device import choose
from latentia.errors import MachineError, UsageError


def test_auto_is_the_gpu_where_there_is_one(monkeypatch):
    for there, kind in ((False, "cpu"), (True, "cuda")):
        monkeypatch.setattr(torch.cuda, "is_available", lambda there=there: there)
        assert choose("auto").type == kind


def test_a_gpu_that_is_not_there(monkeypatch, says):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(MachineError) as caught:
        choose("cuda")
    says(caught.value, "no CUDA device", "--device cpu")
    assert caught.value.exit_code == 5


def test_a_device_of_no_kind(says):
    with pytest.raises(UsageError) as caught:
        choose("tpu")
    says(caught.value, "'tpu'", "auto, cpu, cuda")
