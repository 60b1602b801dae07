"""Ingest: an extract's lines into bronze, quarantine, silver and gold."""

from hitcast.ingest.pipeline import IngestCounts, ingest, ingest_again
from hitcast.ingest.several import ingest_each, tell_days

__all__ = ["IngestCounts", "ingest", "ingest_again", "ingest_each", "tell_days"]
