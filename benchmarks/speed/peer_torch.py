"""Plain PyTorch as tutorials write it: a DataLoader, modules, Adam."""

import itertools
import json
import math
import os
import sys
import time

import numpy as np
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset


def dense(*widths, act=nn.SiLU):
    layers = []
    for a, b in itertools.pairwise(widths):
        layers += [nn.Linear(a, b), act()]
    return nn.Sequential(*layers[:-1])


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.decoder = dense(784, 500, 500, 40), dense(20, 500, 500, 784)

    def forward(self, x):
        mean, log_scale = self.encoder(x).chunk(2, -1)
        scale = log_scale.exp()
        logits = self.decoder(mean + scale * torch.randn_like(scale))
        cross = nn.functional.binary_cross_entropy_with_logits(logits, x, reduction="none")
        kl = 0.5 * (mean**2 + scale**2 - 1) - log_scale
        return (cross.sum(-1) + kl.sum(-1)).mean()


class Conv(VAE):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(
            *(nn.Unflatten(1, (1, 28, 28)), nn.Conv2d(1, 32, 3, 2, 1), nn.SiLU()),
            *(nn.Conv2d(32, 64, 3, 2, 1), nn.SiLU(), nn.Conv2d(64, 64, 3, 2, 1), nn.SiLU()),
            *(nn.Flatten(), nn.Linear(1024, 256), nn.SiLU(), nn.Linear(256, 40)),
        )
        up = [
            layer
            for side, a, b in ((7, 64, 64), (14, 64, 32), (28, 32, 32))
            for layer in (nn.Upsample((side, side)), nn.Conv2d(a, b, 3, 1, 1), nn.SiLU())
        ]
        self.decoder = nn.Sequential(
            *(nn.Linear(20, 256), nn.SiLU(), nn.Linear(256, 1024), nn.SiLU()),
            *(nn.Unflatten(1, (64, 4, 4)), *up, nn.Conv2d(32, 1, 3, 1, 1), nn.Flatten()),
        )


class IWAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = dense(784, 200, 200, 100, act=nn.Tanh)
        self.decoder = dense(50, 200, 200, 784, act=nn.Tanh)

    def forward(self, x):
        mean, log_scale = self.encoder(x).chunk(2, -1)
        noise = torch.randn(50, *mean.shape)
        z = mean + log_scale.exp() * noise
        logits = self.decoder(z)
        cross = nn.functional.binary_cross_entropy_with_logits(
            logits, x.expand_as(logits), reduction="none"
        )
        log_w = -cross.sum(-1) + (log_scale + 0.5 * (noise**2 - z**2)).sum(-1)
        return -(log_w.logsumexp(0) - math.log(50)).mean()


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch."""
    began = time.perf_counter()
    torch.manual_seed(0)
    images = torch.from_numpy(np.load(path).reshape(-1, 784))
    loader = DataLoader(TensorDataset(images), batch, shuffle=True)
    model = {"mlp": VAE, "conv": Conv, "iwae": IWAE}[os.environ.get("BENCH_MODEL", "mlp")]()
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
