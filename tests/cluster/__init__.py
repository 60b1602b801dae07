"""Tests of the jobs on a real standalone cluster."""
