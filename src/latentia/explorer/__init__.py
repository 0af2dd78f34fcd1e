"""The explorer: a page on which a latent space is seen and moved, and what it asks."""
