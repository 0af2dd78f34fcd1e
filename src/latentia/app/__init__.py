"""The service: one trained model behind HTTP, with everything that comes in bounded."""
