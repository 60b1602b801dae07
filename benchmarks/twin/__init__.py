"""Derives the twin's profile from real lines: needed when the profile changes, not by its users."""
