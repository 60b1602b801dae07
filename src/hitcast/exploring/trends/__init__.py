"""Notebook 04: how the gold table changed over its versions, told and drawn."""
