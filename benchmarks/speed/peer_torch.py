"""Plain PyTorch as tutorials write it: a DataLoader, modules, Adam."""

import json
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            nn.Linear(784, 500), nn.SiLU(), nn.Linear(500, 500), nn.SiLU(), nn.Linear(500, 40)
        )
        self.decoder = nn.Sequential(
            nn.Linear(20, 500), nn.SiLU(), nn.Linear(500, 500), nn.SiLU(), nn.Linear(500, 784)
        )

    def forward(self, x):
        mean, log_scale = self.encoder(x).chunk(2, -1)
        scale = log_scale.exp()
        logits = self.decoder(mean + scale * torch.randn_like(scale))
        cross = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
        kl = 0.5 * (mean**2 + scale**2 - 1) - log_scale
        return (cross.sum(-1) + kl.sum(-1)).mean()


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch."""
    began = time.perf_counter()
    torch.manual_seed(0)
    images = torch.from_numpy(np.load(path).reshape(-1, 784))
    loader = DataLoader(TensorDataset(images), batch, shuffle=True)
    model = VAE()
    adam = torch.optim.Adam(model.parameters(), lr=1e-3)
    for number in range(epochs):
        started = time.perf_counter() if number else began
        total = 0.0
        for (x,) in loader:
            loss = model(x.float() / 255)
            adam.zero_grad()
            loss.backward()
            adam.step()
            total += loss.item()
        seconds = time.perf_counter() - started
        print(json.dumps({"seconds": seconds, "negative_elbo": total / len(loader)}), flush=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
