"""Priors p(z): what is known of the latents before any example is seen. One family per file."""
