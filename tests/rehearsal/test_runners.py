"""How the programs of tasks are run."""

import os
import shlex
from pathlib import Path

from rehearsal.runners import Outcome, plain_python, with_tables


def test_a_program_may_say_more_on_stdout_than_a_pipe_holds(tmp_path: Path) -> None:
    script = tmp_path / "loud.py"
    said = "import sys\nprint('a line\\n' * 30_000 + '{}')\n"
    script.write_text(f"{said}sys.exit(int(sys.argv[1]))\n")
    for status, state in (("0", "succeeded"), ("1", "failed")):
        outcome = plain_python([str(script), status], os.environ, root=tmp_path, home=tmp_path)
        assert outcome == Outcome(state, told="{}")


def test_a_folder_with_spaces_and_quotes_is_one_option_of_java() -> None:
    home = Path('/a "b" c\\d')
    options = shlex.split(with_tables(home)[-1])
    assert f"-Dderby.stream.error.file={home}/derby.log" in options
