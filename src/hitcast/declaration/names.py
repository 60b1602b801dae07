"""Which names a column may have."""

from collections.abc import Sequence

OF_THE_ENGINE = frozenset(
    # What tables have beside the declared columns, and frames on the way to them.
    (
        "source_checksum",
        "source_file",
        "source_name",
        "line_id",
        "line_number",
        "line_hash",
        "line_defects",
        "misread",
        "raw_line",
    )
    + ("ingested_at", "extraction_date", "is_good", "reasons", "texts", "failed_rules")
    + ("_value_", "_field_", "_broken_", "_gone_", "_repeated_key_", "_last_line_")
    # What trainings add, and what models answer.
    + ("label", "features", "prediction", "probability", "rawprediction", "is_test", "fold")
    + ("is_tuning", "_row_", "_unit_", "_known_")
)
ANSWERED = frozenset(
    # What stands beside the output in the API's answers.
    ("model", "name", "threshold", "probability", "probabilities", "request_id", "prediction_id")
    + ("unknown", "outside", "error", "base_rate", "shares", "compared_with", "effects", "curve")
    + ("words",)
    # In tables of answers: those of jobs, and those that the studio shows and hands out.
    + ("model_version", "reason", "line", "take")
)
"""What the model's answer can't be called."""
FORBIDDEN = ".`,;{}()=\n\t "
"""Dots are paths to Spark ML; Delta's tables have none of the others in a name."""


def check_aliases(names: Sequence[str], aliases: Sequence[str]) -> None:
    """Refuse other names of columns that mean more than one of them.

    Args:
        names: The declared columns.
        aliases: Their other names, of all of them.

    Raises:
        ValueError: with the names.
    """
    twice = sorted({name for name in aliases if name in names or aliases.count(name) > 1})
    if twice:
        raise ValueError(f"aliases {twice}: each is one column's alone, and no declared name")


def check_names(names: Sequence[str], output: str) -> None:
    """Refuse names that can't be columns.

    Args:
        names: The declared columns.
        output: What the model's answer is called.

    Raises:
        ValueError: with the names, and what is allowed.
    """
    _check_output(output)
    for name in names:
        found = [c for c in FORBIDDEN if c in name]
        if found or not name:
            raise ValueError(
                f"column {name!r}: a name has at least one character and none of {FORBIDDEN!r}; "
                "rename it, in the file too"
            )
        # What is made of a column on its way to the model is called so.
        if name.lower() in OF_THE_ENGINE or name[0] == name[-1] == "_":
            raise ValueError(
                f"column {name!r}: the engine uses that name itself; rename it, in the file too "
                f"(taken are {sorted(OF_THE_ENGINE)}, and names between underscores)"
            )
    # To Spark, names that differ in case alone are one.
    seen: dict[str, str] = {}
    for name in (*names, output):
        other = seen.setdefault(name.lower(), name)
        if other is not name or name == output and output in names:
            raise ValueError(
                f"columns {other!r} and {name!r} (label.output counts as one): names have to "
                "differ in more than case; rename one"
            )


def _check_output(output: str) -> None:
    taken = OF_THE_ENGINE | ANSWERED
    # With `model_`, pydantic's own attributes begin; with `probability_`, a class's probability.
    if output in taken or output.startswith(("model_", "probability_")):
        raise ValueError(
            f"label.output {output!r}: answers hold something else by that name; call it otherwise "
            f"(taken are {sorted(taken)} and what begins with model_ or probability_)"
        )
