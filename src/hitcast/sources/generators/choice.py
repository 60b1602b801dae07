"""Which generator a use case declares."""

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from hitcast.declaration.loading import conf_folder
from hitcast.declaration.source import FromStatistics
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.sources.generators.statistics import load_statistics
from hitcast.sources.generators.writing import Progress, require_rows, write_whole


@dataclass(frozen=True)
class RowGenerator:
    """What writes generated rows.

    Attributes:
        write: Called with the file, the number of rows, the seed and what is told of progress;
            the same rows and seed give the same file, which appears whole or not at all.
        mark: Ends files' names, so that a file of other statistics or columns is another one.
    """

    write: Callable[[Path, int, int, Progress | None], None]
    mark: str = ""


def generator_of(use_case: UseCase) -> RowGenerator:
    """The generator that a use case declares.

    Raises:
        SourceError: if it declares none, or its statistics can't be used.
    """
    declared = use_case.source.generator
    if declared is None:
        raise SourceError(
            f"expected source.generator in conf/{use_case.name}.yml, found none: declare "
            f"generator: {{statistics: {use_case.name}.json}}, a file in conf/statistics/ that "
            "python -m benchmarks.statistics makes of real lines; or name a file: --file"
        )
    if isinstance(declared, FromStatistics):
        return _from_statistics(use_case, conf_folder() / "statistics" / declared.statistics)
    from hitcast.sources.twin import write_twin

    return RowGenerator(write_twin)


def _from_statistics(use_case: UseCase, path: Path) -> RowGenerator:
    from hitcast.sources.generators.drawing import draw_parts

    statistics, content = load_statistics(path)
    names = use_case.source_names
    lacking = [name for name in names if name not in statistics.columns]
    if lacking:
        raise SourceError(
            f"{path} knows nothing of the columns {lacking}, which conf/{use_case.name}.yml "
            "declares; derive it anew with python -m benchmarks.statistics"
        )

    def write(file: Path, rows: int, seed: int, progress: Progress | None) -> None:
        require_rows(rows)
        write_whole(file, names, draw_parts(statistics, names, rows, seed), progress)

    return RowGenerator(write, "-" + sha256(content + repr(names).encode()).hexdigest()[:8])
