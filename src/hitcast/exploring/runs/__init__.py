"""Notebook 02: trainings, trials and versions compared, told and drawn."""
