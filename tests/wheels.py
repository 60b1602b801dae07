"""The project as a wheel, in an environment that has no checkout on its path."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping, Sequence
from pathlib import Path

from rehearsal.runners import Outcome, spark_submit
from tests.conftest import ROOT
from tests.jobs.commands import BIN


def checkout_copy(folder: Path) -> Path:
    """Copy what git knows of this checkout, and nothing that was built; returns the folder."""
    listed = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, names.decode().split("\0")):
        if (ROOT / name).exists():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name, follow_symlinks=False)
    return folder


class WheelRunner:
    """Runs tasks by spark-submit, with the wheel and the scripts and nothing else of ours.

    The environment is one of its own with the wheel as `bundle.yml` builds it. All other packages
    are those of the tests, by a path that brings no link to the checkout. The working folder is
    empty.

    Args:
        folder: Where the environment is made.
    """

    def __init__(self, folder: Path) -> None:
        copy = checkout_copy(folder / "copy")
        uv, self._place = str(BIN / "uv"), folder / "environment"
        built = folder / "dist"
        build = [uv, "build", "--quiet", "--wheel", "--out-dir", str(built), str(copy)]
        subprocess.run(build, check=True)
        self._files = folder / "files"
        shutil.copytree(copy / "jobs", self._files / "jobs")
        shutil.rmtree(copy)
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", self._place], check=True)
        (packages,) = self._place.glob("lib/python*/site-packages")
        # Of a folder that is named here no .pth file is read, nor so the link to the checkout.
        (packages / "packages.pth").write_text(sysconfig.get_path("purelib") + "\n")
        (wheel,) = built.glob("*.whl")
        install = [uv, "pip", "install", "--quiet", "--no-deps", "--python", str(self.python)]
        subprocess.run([*install, str(wheel)], check=True)
        self.empty = folder / "empty"
        self.empty.mkdir()

    @property
    def python(self) -> Path:
        """The environment's Python."""
        return self._place / "bin/python"

    def __call__(
        self, program: Sequence[str], environment: Mapping[str, str], *, root: Path, home: Path
    ) -> Outcome:
        """Run a script of the bundle; see `rehearsal.runners.Runner`."""
        script = self._files / Path(program[0]).relative_to(root)
        found = {name: value for name, value in environment.items() if name != "PYTHONPATH"}
        found |= {"PATH": f"{self.python.parent}{os.pathsep}{environment['PATH']}"}
        found |= {"PYSPARK_PYTHON": str(self.python), "PYSPARK_DRIVER_PYTHON": str(self.python)}
        return spark_submit([str(script), *program[1:]], found, root=self.empty, home=home)
