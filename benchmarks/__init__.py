"""Comparisons with peers, measured side by side in one run."""
