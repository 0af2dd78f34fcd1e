"""Parameter-free distributions that torch lacks, each with its closed-form KLs registered."""
