"""Builds the wheel that the API's app installs: python3 resources/app_wheel.py.

An app keeps its environment from one deployment to the next, and pip takes a wheel of a version
that is there already for done. So the commit is part of the version, and the time too where files
differ from it. `serving/requirements.txt`, which apps install, gets the wheel's name.

Needs uv and Python's own library alone, as it runs wherever somebody deploys.
"""

import re
import shutil
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
HEAD = "# For the app on Databricks: written with the wheel, which brings all that the API needs.\n"


def tag_of(commit: str, now: datetime) -> str:
    """What a version has after its number: the commit, with the time where files differ from it.

    Args:
        commit: As `git describe --always --dirty` has it; empty outside of a checkout.
        now: The time of the build.
    """
    time = now.strftime("t%Y%m%d%H%M%S")
    parts = [f"g{found}"] if (found := commit.removesuffix("-dirty")) else []
    return ".".join(parts if parts and not commit.endswith("-dirty") else [*parts, time])


def commit_of(folder: Path) -> str:
    """The checkout's commit, marked where files differ from it; empty outside of a checkout."""
    describe = ["describe", "--always", "--dirty", "--abbrev=12", "--match", "no tag at all"]
    try:
        commit = _git(folder, *describe)
        # To git, a file that it does not know yet makes no difference; to a wheel it does.
        new = _git(folder, "ls-files", "--others", "--exclude-standard")
    except (OSError, subprocess.CalledProcessError):
        return ""
    return f"{commit.removesuffix('-dirty')}-dirty" if new else commit


def _git(folder: Path, *command: str) -> str:
    done = subprocess.run(
        ["git", "-C", str(folder), *command], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def build(root: Path, tag: str) -> Path:
    """Build the wheel into `serving/`, in the place of older ones; returns it."""
    place = root / "serving"
    # What a build before left there, modules too that are no more, would be in this wheel.
    shutil.rmtree(root / "build", ignore_errors=True)
    for old in place.glob("*.whl"):
        old.unlink()
    beside = Path(sys.executable).with_name("uv")
    uv = shutil.which("uv") or str(beside if beside.exists() else root / ".venv/bin/uv")
    subprocess.run(
        [uv, "build", "--quiet", "--wheel", "--out-dir", str(place),
         f"--config-setting=--global-option=egg_info --tag-build=+{tag}", str(root)],
        check=True,
    )  # fmt: skip
    # uv leaves one there so that git ignores the folder, which has more in it than wheels.
    (place / ".gitignore").unlink(missing_ok=True)
    (wheel,) = place.glob("*.whl")
    if not re.search(rf"\+{re.escape(tag)}-", wheel.name):
        raise SystemExit(f"error: expected +{tag} in the wheel's name, got {wheel.name}")
    (place / "requirements.txt").write_text(f"{HEAD}./{wheel.name}[api]\n", encoding="utf-8")
    return wheel


if __name__ == "__main__":
    print(build(ROOT, tag_of(commit_of(ROOT), datetime.now(UTC))).relative_to(ROOT))
