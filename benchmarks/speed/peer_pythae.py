"""pythae: its VAE and trainer, with an encoder and a decoder of the same layers."""

import json
import logging
import sys
import tempfile
import time

import numpy as np
import torch
from pythae.data.datasets import BaseDataset
from pythae.models import VAE, VAEConfig
from pythae.models.base.base_utils import ModelOutput
from pythae.models.nn import BaseDecoder, BaseEncoder
from pythae.trainers import BaseTrainer, BaseTrainerConfig
from pythae.trainers.training_callbacks import TrainingCallback
from torch import nn

logging.disable(logging.CRITICAL)


class Encoder(BaseEncoder):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(784, 500), nn.SiLU(), nn.Linear(500, 500), nn.SiLU())
        self.mean, self.log_var = nn.Linear(500, 20), nn.Linear(500, 20)

    def forward(self, x):
        h = self.body(x.reshape(len(x), -1))
        return ModelOutput(embedding=self.mean(h), log_covariance=self.log_var(h))


class Decoder(BaseDecoder):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            *(nn.Linear(20, 500), nn.SiLU(), nn.Linear(500, 500), nn.SiLU()),
            *(nn.Linear(500, 784), nn.Sigmoid()),
        )

    def forward(self, z):
        return ModelOutput(reconstruction=self.body(z))


class Told(TrainingCallback):
    def __init__(self, began):
        self.began, self.first = began, True

    def on_epoch_begin(self, training_config, **kwargs):
        if not self.first:
            self.began = time.perf_counter()
        self.first = False

    def on_epoch_end(self, training_config, **kwargs):
        self.seconds = time.perf_counter() - self.began

    def on_log(self, training_config, logs, **kwargs):
        line = {"seconds": self.seconds, "negative_elbo": float(logs["train_epoch_loss"])}
        print(json.dumps(line), flush=True)


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch."""
    began = time.perf_counter()
    images = torch.from_numpy(np.load(path).reshape(-1, 784)).float() / 255
    config = VAEConfig(input_dim=(784,), latent_dim=20, reconstruction_loss="bce")
    with tempfile.TemporaryDirectory() as folder:
        trainer = BaseTrainer(
            model=VAE(config, encoder=Encoder(), decoder=Decoder()),
            train_dataset=BaseDataset(images, torch.zeros(len(images))),
            training_config=BaseTrainerConfig(
                output_dir=folder,
                per_device_train_batch_size=batch,
                num_epochs=epochs,
                learning_rate=1e-3,
                no_cuda=True,
            ),
            callbacks=[Told(began)],
        )
        # Its progress bars go to where they do not slow it.
        sys.stderr = open("/dev/null", "w")  # noqa: SIM115, PTH123
        trainer.train()


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
