"""The options of a job that say which source it takes, and what may become of its rows."""

from argparse import ArgumentTypeError, Namespace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from hitcast.running.job import JobParser

NOT_WITH = "not allowed with argument"


def add_extract_options(parser: JobParser) -> None:
    """Add the options that name a source, at most one, and say what its rows may do."""
    sources = parser.add_mutually_exclusive_group()
    sources.add_argument(
        "--file", "--csv", dest="files", nargs="+", action="extend", type=Path, metavar="PATH",
        help="one or several files, or folders of them, of the format that conf/ declares",
    )  # fmt: skip
    sources.add_argument("--table", metavar="NAME", help="a table that Spark can read")
    sources.add_argument(
        "--twin", metavar="ROWS", type=int,
        help="that many generated rows, by the generator that conf/ declares",
    )  # fmt: skip
    sources.add_argument("--kaggle", action="store_true", help="download from Kaggle (default)")
    sources.add_argument(
        "--from-bronze",
        action="store_true",
        help="read no file: make the tables anew from bronze's lines by the rules of now",
    )
    parser.add_argument(
        "--source",
        metavar="NAME",
        help="which of several sources it is of; --kaggle takes all where none is named",
    )
    parser.add_argument(
        "--secret-scope",
        metavar="SCOPE",
        help="on Databricks: the scope that has Kaggle's token; without effect for other sources",
    )
    parser.add_argument("--seed", type=int, help="of the generated rows (default: 0)")
    parser.add_argument(
        "--extraction-date",
        type=_day,
        metavar="YYYY-MM-DD",
        help="the day that the extract shows (default: that of the same content before, else "
        "today, UTC); what is known of a folder keeps its day",
    )
    parser.add_argument(
        "--replace-generated",
        action="store_true",
        help="drop tables of generated rows, if there are any, and start over with real ones",
    )
    parser.checks.append(without_effect)


def without_effect(options: Namespace) -> str | None:
    """Say which of the options would have no effect beside the others, if any."""
    if options.seed is not None and options.twin is None:
        return "argument --seed: only allowed with argument --twin, whose rows it is of"
    if options.replace_generated and options.twin is not None:
        return f"argument --replace-generated: {NOT_WITH} --twin, whose rows are generated too"
    if not options.from_bronze:
        return None
    idle = {
        "--source": (options.source, "an extract stays one of the source that it was shown of"),
        "--extraction-date": (options.extraction_date, "extracts keep their days"),
        "--replace-generated": (options.replace_generated, "no other rows take their place"),
    }
    told = [f"{n}: {NOT_WITH} --from-bronze: {why}" for n, (given, why) in idle.items() if given]
    return f"argument {told[0]}" if told else None


def _day(text: str) -> date:
    """A day that an extract can show."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError(f"expected a day such as 2024-05-01, got {text!r}") from None
    # Where the sun rises first it is tomorrow already.
    last = datetime.now(UTC).date() + timedelta(days=1)
    if day > last:
        raise ArgumentTypeError(
            f"expected a day up to {last}, got {day}: whatever came until then would be older"
        )
    return day
