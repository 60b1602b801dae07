"""Which source a job's options mean."""

from argparse import Namespace
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import NoReturn

from pyspark.sql import SparkSession
from tqdm import tqdm

from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError
from hitcast.running.home import Home
from hitcast.running.job import say
from hitcast.sources.csv import csv_extract
from hitcast.sources.extract import Extract
from hitcast.sources.formats import file_extract, file_extracts
from hitcast.sources.generators import generator_of


def choose_extracts(
    use_case: UseCase, home: Home, options: Namespace, session: Callable[[], SparkSession]
) -> list[Extract]:
    """Open what the options name: `files`, `table` or `twin`; none of them: Kaggle.

    Of a use case of several sources, `source` says which one they are of; from Kaggle come those of
    all that declare it, unless one is named, and generated rows as the first one's that can.

    Args:
        use_case: Says which sources there are.
        home: Where downloaded and generated files go.
        options: What `add_extract_options` added.
        session: Gives the Spark session; asked only if the source is a table.

    Returns:
        The extracts, checked; one for each file.

    Raises:
        SourceError: if the source can't be had, or the use case has none of that kind.
    """
    asked = (options.files, options.table, options.twin)
    names = [options.source or ""]
    if use_case.sources and not options.source and asked == (None, None, None):
        # Each has a file of its own to download, so nobody has to say which one it is.
        names = [name for name, source in use_case.sources.items() if source.kaggle] or names
    if use_case.sources and not options.source and options.twin is not None:
        # Generated rows are of no place; they come as the first source that has a generator.
        names = [n for n, source in use_case.sources.items() if source.generator][:1] or names
    found = []
    for name in names:
        of_one = use_case.of_source(name or None) if use_case.sources or name else use_case
        found += [replace(e, origin=name) for e in _open(of_one, home, options, session)]
    return found


def _open(
    use_case: UseCase, home: Home, options: Namespace, session: Callable[[], SparkSession]
) -> list[Extract]:
    if options.files is not None:
        return file_extracts(options.files, use_case)
    if options.table is not None:
        from hitcast.sources.table import table_extract

        return [table_extract(session(), options.table, use_case)]
    if options.twin is not None:
        path = _twin(use_case, home, options.twin, options.seed or 0)
        return [csv_extract(path, use_case, source="twin", generated=True)]
    path = _kaggle(use_case, home, options.secret_scope)
    return [file_extract(path, use_case, source="kaggle")]


def _twin(use_case: UseCase, home: Home, rows: int, seed: int) -> Path:
    """The generated file of that many rows, made unless it is there: it is written at once."""
    generator = generator_of(use_case)
    if use_case.source.reading:
        declared = dict(use_case.source.reading)
        say(f"note: generated rows are CSV with commas; {declared} in conf/ is for files")
    path = home.sources / f"{use_case.name}-twin-{rows}-{seed}{generator.mark}.csv"
    if path.is_file():
        say(f"twin: {path} is there already")
    else:
        with tqdm(total=rows, desc="twin", unit=" rows", unit_scale=True) as bar:
            generator.write(path, rows, seed, lambda written: _advance(bar, written))
    return path


def _advance(bar: "tqdm[NoReturn]", written: int) -> None:
    bar.update(written)


def _kaggle(use_case: UseCase, home: Home, secret_scope: str | None) -> Path:
    kaggle = use_case.source.kaggle
    if kaggle is None:
        raise SourceError(
            f"expected source.kaggle in conf/{use_case.name}.yml, found none; name a file: --file"
        )
    if secret_scope is not None:
        from hitcast.sources.secret_scope import take_token

        take_token(secret_scope)
    from hitcast.sources.kaggle.download import download

    return download(kaggle.dataset, kaggle.file, home.sources)
