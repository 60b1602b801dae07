"""Notebook 03: a served model asked, what it answered told and drawn."""
