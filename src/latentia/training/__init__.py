"""Training: the loop, its settings, its checkpoints and what it tells while it runs."""
