"""From the gold table to the best fitted pipeline: split, search, refit, evaluate, report."""
