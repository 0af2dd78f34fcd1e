"""scikit-learn estimators over the same model and loop that the command line uses."""
