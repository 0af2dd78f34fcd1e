"""Keras 3 on TensorFlow, after the VAE of its examples: a train_step of its own, `fit`."""

import json
import os
import sys
import time

os.environ["KERAS_BACKEND"] = "tensorflow"
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf


class VAE(keras.Model):
    def __init__(self):
        super().__init__()
        dense = keras.layers.Dense
        self.encoder = keras.Sequential(
            [dense(500, activation="silu"), dense(500, activation="silu"), dense(40)]
        )
        self.decoder = keras.Sequential(
            [dense(500, activation="silu"), dense(500, activation="silu"), dense(784)]
        )
        self.tracker = keras.metrics.Mean(name="negative_elbo")

    @property
    def metrics(self):
        return [self.tracker]

    def train_step(self, x):
        with tf.GradientTape() as tape:
            mean, log_scale = tf.split(self.encoder(x), 2, axis=-1)
            scale = tf.exp(log_scale)
            logits = self.decoder(mean + scale * tf.random.normal(tf.shape(mean)))
            cross = tf.nn.sigmoid_cross_entropy_with_logits(x, logits)
            kl = 0.5 * (mean**2 + scale**2 - 1) - log_scale
            loss = tf.reduce_mean(tf.reduce_sum(cross, -1) + tf.reduce_sum(kl, -1))
        gradients = tape.gradient(loss, self.trainable_weights)
        self.optimizer.apply_gradients(zip(gradients, self.trainable_weights, strict=True))
        self.tracker.update_state(loss)
        return {"negative_elbo": self.tracker.result()}


class Told(keras.callbacks.Callback):
    def __init__(self, began):
        super().__init__()
        self.began, self.first = began, True

    def on_epoch_begin(self, epoch, logs=None):
        if not self.first:
            self.began = time.perf_counter()
        self.first = False

    def on_epoch_end(self, epoch, logs=None):
        seconds = time.perf_counter() - self.began
        value = float(self.model.tracker.result())
        print(json.dumps({"seconds": seconds, "negative_elbo": value}), flush=True)


def main(path: str, batch: int, epochs: int) -> None:
    """Train, and print a line of JSON for every epoch."""
    began = time.perf_counter()
    keras.utils.set_random_seed(0)
    images = np.load(path).reshape(-1, 784).astype("float32") / 255
    model = VAE()
    model.compile(optimizer=keras.optimizers.Adam(1e-3))
    model.fit(images, batch_size=batch, epochs=epochs, verbose=0, callbacks=[Told(began)])


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
