"""Objectives: from Terms to nats per example, higher is better. One objective per file."""
