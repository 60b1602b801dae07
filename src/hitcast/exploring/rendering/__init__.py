"""Notebooks run on this machine and written as HTML: python -m hitcast.exploring.rendering."""
