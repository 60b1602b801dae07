"""Files of the declared format as extracts."""

from collections.abc import Sequence
from pathlib import Path

from hitcast.declaration.use_case import UseCase
from hitcast.errors import NoRowsError
from hitcast.running.job import say
from hitcast.sources.arff import arff_extract
from hitcast.sources.csv import csv_extract
from hitcast.sources.extract import Extract, in_company
from hitcast.sources.jsonl import jsonl_extract
from hitcast.sources.parquet import parquet_extract
from hitcast.sources.paths import files_of

OPENERS = {
    "csv": csv_extract,
    "jsonl": jsonl_extract,
    "parquet": parquet_extract,
    "arff": arff_extract,
}


def file_extract(path: Path, use_case: UseCase, *, source: str | None = None) -> Extract:
    """Open a file of the format that the use case declares.

    Args:
        path: The file; on a platform, one that Spark and Python both see.
        use_case: Declares format and columns.
        source: Kind of source, for the counts; None: the format.

    Raises:
        SourceError: if the file is none of that format, or not as declared.
    """
    format = use_case.source.format
    return OPENERS[format](path, use_case, source=source or format)


def file_extracts(paths: Sequence[Path], use_case: UseCase) -> list[Extract]:
    """Open files and the files of folders, in order, each as an extract of its own.

    Each file is a content: shown again, alone or with others, it is known. All are looked at before
    the first is brought in. Those that are named stand out from those that a folder happens to
    have, of which those without rows are passed over.

    Raises:
        SourceError: if there is none, none has rows, or one of them is not as declared.
    """
    extracts: list[Extract] = []
    empty: list[NoRowsError] = []
    passed: list[str] = []
    named: set[str] = set()
    for path, folder in files_of(paths, use_case.source.format):
        try:
            extracts.append(file_extract(path, use_case))
        except NoRowsError as error:
            # Programs that write in parts write one for nothing, too.
            if folder is None:
                raise
            empty.append(error)
            passed.append(path.name)
            continue
        if folder is None:
            named.add(extracts[-1].checksum)
    if empty and not extracts:
        raise empty[0]
    if passed:
        say(f"note: these have no rows and are passed over: {passed[:20]}")
    return in_company(extracts, {e.checksum for e in extracts} - named)
