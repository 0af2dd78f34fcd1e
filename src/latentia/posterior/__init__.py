"""Posteriors q(z|x): from an example to a distribution over its latents. One family per file."""
