"""Tests; they mirror the project's folders."""
