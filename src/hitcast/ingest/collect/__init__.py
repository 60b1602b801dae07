"""Collect: the closed segments of what the API answered, and was told, into tables, once a line."""

from hitcast.ingest.collect.aging import keep_days
from hitcast.ingest.collect.collecting import Collected, Logs, collect
from hitcast.ingest.collect.erasing import Erased, erase
from hitcast.ingest.collect.outcomes import count_outcomes, outcomes

__all__ = [
    "Collected", "Erased", "Logs", "collect", "count_outcomes", "erase", "keep_days", "outcomes",
]  # fmt: skip
