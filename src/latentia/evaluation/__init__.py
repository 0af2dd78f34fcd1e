"""Evaluation: from a model and examples to numbers in nats per example."""
