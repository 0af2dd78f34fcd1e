"""Features: images as vectors between which a distance means more than between pixels."""
