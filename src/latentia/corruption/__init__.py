"""Noise put on the input while the target stays clean: denoising."""
