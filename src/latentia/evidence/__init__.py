"""Evidence: estimators of log p(x) that say how far to trust them. One estimator per file."""
