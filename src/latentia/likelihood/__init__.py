"""Likelihoods p(x|z): from latents to a distribution over examples. One family per file."""
