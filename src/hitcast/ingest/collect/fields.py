"""What the logs' lines hold, and the tables that they become: a row a line, its fields flat.

Of the inference log format 3 is today's. Format 2 had the unit as it was sent (`unit_id`); format 1
was a line a request, with no number of its format, no ids, and lists in the place of the answer.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from pyspark.sql import Column
from pyspark.sql import functions as F

from hitcast.tables.delta import Table
from hitcast.tables.lakehouse import Lakehouse

DAY = 86_400
EARLIEST, LATEST = -2_208_988_800, 253_402_300_799
"""The first second of 1900, and the last of 9999: what tables hold whatever wrote them."""
FIRST, NEWEST = 1, 3
LINES = {
    "format": "int", "time": "double", "unit": "string", "unit_id": "string", "source": "string",
    "request_id": "string", "model": "string", "version": "long", "alias": "string",
    "latency_ms": "double", "prediction_id": "string", "place": "long", "row": "string",
    "probability": "string", "probabilities": "map<string, double>", "label": "string",
    "experiment": "string", "arm": "string", "period": "string", "share": "double",
    "shadow": "boolean", "fallback": "boolean", "rows": "string",
}  # fmt: skip
FEEDBACK_LINES = {
    "format": "int", "time": "double", "prediction_id": "string", "outcome": "string",
    "at": "double", "source": "string", "request_id": "string", "model": "string",
}  # fmt: skip
EXPERIMENT_LINES = {
    "format": "int", "time": "double", "model": "string", "event": "string", "experiment": "string",
    "period": "string", "declared": "string", "versions": "map<string, long>",
}  # fmt: skip
PLACE = ("segment", "line", "time", "date", "prediction_id", "request_id")
Hash = Callable[[Column], Column]


@dataclass(frozen=True)
class Kind:
    """One of the logs.

    Attributes:
        name: Of its table.
        fields: What a line may hold, with Spark's types.
        newest: The newest format that is known; a segment of a newer one is left where it is.
        good: Whether a line that is JSON holds what it has to, by the model whose lines are asked
            for.
        columns: The table's, in order, made of `segment`, `line` and the struct `fields`; the
            function hashes units.
        stays: Whether its lines are kept, however old they are.
    """

    name: str
    fields: Mapping[str, str]
    newest: int
    good: Callable[[str], Column]
    columns: Callable[[Hash], list[Column]]
    stays: bool = False

    def table(self, lakehouse: Lakehouse) -> Table:
        """The table of a use case."""
        return lakehouse.table(self.name)


def _of(field: str) -> Column:
    return F.col(f"fields.{field}")


def _format() -> Column:
    return F.coalesce(_of("format"), F.lit(FIRST))


def _instant(field: str) -> Column:
    """Seconds since 1970 as a timestamp, to the microsecond."""
    return F.timestamp_micros(F.round(_of(field) * 1_000_000).try_cast("long"))


def _is_instant(field: str) -> Column:
    return _of(field).between(EARLIEST, LATEST)


def _place(names: Sequence[str] = PLACE) -> list[Column]:
    # Of the time alone, whatever the session's zone is.
    days = F.floor(_of("time") / DAY).try_cast("int")
    date = F.date_add(F.lit("1970-01-01").cast("date"), days)
    found = [F.col("segment"), F.col("line"), _instant("time").alias("time"), date.alias("date")]
    return [*found, *map(_of, names[len(found) :])]


def _answered(model: str) -> Column:
    named = _of("prediction_id").isNotNull() | (_format() == FIRST)
    known = _format().between(FIRST, NEWEST)
    return _is_instant("time") & (_of("model") == F.lit(model)) & named & known


def _told(model: str) -> Column:
    own = F.coalesce(_of("model"), F.lit(model)) == F.lit(model)
    told = _of("prediction_id").isNotNull() & _of("outcome").isNotNull()
    dated = _is_instant("time") & (_of("at").isNull() | _is_instant("at"))
    return told & dated & (_format() == FIRST) & own


def _happened(model: str) -> Column:
    named = _of("event").isNotNull() & _of("experiment").isNotNull()
    own = _of("model") == F.lit(model)
    return named & own & _of("declared").isNotNull() & _is_instant("time") & (_format() == FIRST)


def _only(field: str) -> Column:
    """The value itself, or that of a list which holds it alone; nothing of several."""
    listed = F.from_json(_of(field), "array<string>")
    one = F.when(F.size(listed) == 1, F.try_element_at(listed, F.lit(1)))
    return F.when(_format() == FIRST, one).otherwise(_of(field))


def _answers(hash_unit: Hash) -> list[Column]:
    older = _format() < NEWEST
    return [
        *_place(),
        *map(_of, ("model", "version", "alias", "experiment", "arm", "period", "share")),
        F.when(older, hash_unit(_of("unit_id"))).otherwise(_of("unit")).alias("unit"),
        _of("source"),
        *(F.coalesce(_of(flag), F.lit(False)).alias(flag) for flag in ("shadow", "fallback")),
        _of("place"),
        F.coalesce(_of("row"), _only("rows"), _of("rows")).alias("row"),
        _only("probability").try_cast("double").alias("probability"),
        _of("probabilities"),
        _only("label").alias("label"),
        _of("latency_ms"),
        _format().alias("format"),
    ]


def _feedback(_: Hash) -> list[Column]:
    at = F.coalesce(_instant("at"), _instant("time")).alias("at")
    return [*_place(PLACE[:-1]), _of("outcome"), at, _of("source"), _of("request_id")]


def _experiments(_: Hash) -> list[Column]:
    names = ("event", "experiment", "period", "declared", "versions")
    return _place((*PLACE[:4], *names))


ANSWERS = Kind("inference_log", LINES, NEWEST, _answered, _answers)
FEEDBACK = Kind("feedback", FEEDBACK_LINES, FIRST, _told, _feedback)
EXPERIMENTS = Kind("experiments", EXPERIMENT_LINES, FIRST, _happened, _experiments, stays=True)
