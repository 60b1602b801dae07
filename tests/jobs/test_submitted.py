"""Streams of a job under spark-submit."""

from pathlib import Path

import pytest

from tests.jobs.commands import last_line, run

JOB = """
import sys
from hitcast.running.job import job_parser, run_job, say

def main(options):
    say("on its way")
    return {"done": True}

sys.exit(run_job(job_parser("A job."), main))
"""


@pytest.mark.spark
def test_progress_goes_to_stderr_and_the_json_line_to_stdout(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text(JOB)
    done = run("spark-submit", tmp_path / "job.py")
    assert done.stdout == '{"done": true}\n'
    assert last_line(done) == {"done": True}
    assert "on its way\n" in done.stderr
