"""Train the fixed classifiers in whose features samples are compared with real images.

    LATENTIA_DATA=... python benchmarks/classifier.py mnist
    LATENTIA_DATA=... python benchmarks/classifier.py fashion-mnist

Each is trained on the whole training set of 60,000 images; nothing is chosen by the test set. An
image is seen as it is or binarized, by a coin, so that samples of black and white and means in
grey both are images of its kind. One thread and one seed: the same machine gives the same weights,
bit for bit. They go to src/latentia/feature/weights/, with what they are and their accuracy; the
hash that is printed stands in the member of the feature room that reads them.
"""

from __future__ import annotations

import argparse
import hashlib
import json

import torch
from safetensors.torch import save
from torch import Tensor, nn

import latentia as lt
from latentia.feature._classifier import WEIGHTS, Net
from latentia.rng import seeded
from latentia.view import View, tensor_of

EPOCHS = {"mnist": 8, "fashion-mnist": 5}
BATCH = 256
RATE = 3e-3
GREY, BINARY = View("bytes"), View("bytes", "dynamic")


def main() -> None:
    """Train one classifier and write it."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("set", choices=sorted(EPOCHS))
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    torch.set_num_threads(1)
    data = {split: lt.data.load(given.set, split=split) for split in ("train", "test")}
    x, y = (tensor_of(a) for a in (data["train"].x[:, None], data["train"].y))
    net = train(x, y, EPOCHS[given.set], given.seed)
    x, y = (tensor_of(a) for a in (data["test"].x[:, None], data["test"].y))
    told = {
        "set": given.set,
        "data_sha256": data["train"].schema.sha256,
        "command": f"python benchmarks/classifier.py {given.set} --seed {given.seed}",
        "epochs": str(EPOCHS[given.set]),
        "accuracy": f"{accuracy(net, x, y, GREY):.4f}",
        "accuracy_binarized": f"{accuracy(net, x, y, BINARY):.4f}",
        "torch": torch.__version__,
    }
    content = save(net.state_dict(), metadata=told)
    WEIGHTS.mkdir(exist_ok=True)
    (WEIGHTS / f"{given.set}.safetensors").write_bytes(content)
    print(json.dumps(told | {"sha256": hashlib.sha256(content).hexdigest()}, indent=2))


def train(x: Tensor, y: Tensor, epochs: int, seed: int) -> Net:
    """Return a classifier of images x (n, 1, H, W) of bytes with classes y (n,)."""
    with seeded(seed):
        net = Net()
    optimizer = torch.optim.AdamW(net.parameters(), weight_decay=0.01)
    steps = epochs * -(-len(x) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, total_steps=steps)
    for epoch in range(epochs):
        with seeded(seed, epoch + 1):
            for rows in torch.randperm(len(x)).split(BATCH):
                optimizer.zero_grad()
                loss = nn.functional.cross_entropy(net(either(x[rows])), y[rows])
                loss.backward()
                optimizer.step()
                schedule.step()
        print(f"epoch {epoch + 1} of {epochs}, loss of the last batch {loss:.4f}", flush=True)
    return net.eval()


def either(stored: Tensor) -> Tensor:
    """Return each image as it is or binarized, by a coin."""
    coin = torch.rand(len(stored), 1, 1, 1) < 0.5
    return torch.where(coin, BINARY(stored), GREY(stored))


@torch.no_grad()
def accuracy(net: Net, x: Tensor, y: Tensor, view: View) -> float:
    """Return the share of images whose class is found."""
    with seeded(0):
        right = [net(view(part)).argmax(1) for part in x.split(500)]
    return float((torch.cat(right) == y).double().mean())


if __name__ == "__main__":
    main()
