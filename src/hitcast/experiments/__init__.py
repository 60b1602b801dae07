"""Experiments on live traffic: which arm a unit gets, and what was found."""
