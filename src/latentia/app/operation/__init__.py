"""What the service does with the model: one file for each path below /v1."""
