"""Notebook 01: the gold table counted, told and drawn."""
