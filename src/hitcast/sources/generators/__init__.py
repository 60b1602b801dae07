"""Generators of rows: what `--twin ROWS` writes, as a use case declares it."""

from hitcast.sources.generators.choice import RowGenerator, generator_of

__all__ = ["RowGenerator", "generator_of"]
