"""The headers and statuses of every call, as OpenAPI describes them.

No call reads these headers as a parameter of its own, nor declares each status that it does not
send: both are seen to here, once for all.
"""

from typing import Any

from serving.responses import PROBLEM_JSON

PREDICTING = frozenset(
    {"predict", "predict_batch", "invocations", "infer_by_default", "infer_by_version"}
)
"""Calls whose answer is logged, and named."""
ANSWERING = PREDICTING | {"explain", "similar"}
"""Calls whose answer says which version it is from."""
SETTLING = frozenset({"switch_model", "unselect_model", "start_experiment", "end_experiment"})
"""Calls that wait for all workers; their 202 says where to look."""
PROBES = frozenset({"readyz"})
"""Their 503 is an answer, with no word of when to come again."""
TEXT = {"type": "string"}
SENT: dict[str, dict[str, Any]] = {
    "X-Request-ID": {
        "description": "the caller's, or one made here; the log's lines have it",
        "required": True,
        "schema": TEXT,
    },
    "X-Prediction-ID": {
        "description": "names this answer in the log, and in feedback; of a batch, its rows are "
        "`ID-0`, `ID-1`, …",
        "required": True,
        "schema": TEXT,
    },
    "X-Model-Name": {"description": "the model that answered", "required": True, "schema": TEXT},
    "X-Model-Version": {
        "description": "the version that answered",
        "required": True,
        "schema": {"type": "integer"},
    },
    "X-Model-Alias": {
        "description": "the alias that it answered by, if any; `?` for what is not ASCII",
        "schema": TEXT,
    },
    "X-Experiment": {
        "description": "the experiment that the unit takes part in, if it does",
        "schema": TEXT,
    },
    "X-Arm": {
        "description": "the alias of the unit's arm in it; `?` for what is not ASCII",
        "schema": TEXT,
    },
    "X-Fallback": {
        "description": "the arm is broken, the default answered",
        "schema": {"type": "string", "enum": ["default"]},
    },
    "Retry-After": {
        "description": "seconds to wait until the next try",
        "required": True,
        "schema": {"type": "integer"},
    },
    "Location": {"description": "where it is told", "required": True, "schema": TEXT},
}
IN_EXPERIMENTS = ["X-Prediction-ID", "X-Experiment", "X-Arm", "X-Fallback"]
TAKEN = {
    "X-Request-ID": "comes back, and stands in the log: up to 64 letters, digits, `.`, `_`, `-`; "
    "another one is replaced",
    "X-Unit-Id": "who or what the answer is for: logged as a keyed hash; chooses the arm of an "
    "experiment",
    "X-Source": "logged: what asks; its first 200 characters. `studio` is in no experiment",
    "traceparent": "logged, if it is one as W3C Trace Context has it",
}
"""Headers that a call which predicts reads for the log."""
TAKEN_BY = {
    **dict.fromkeys(PREDICTING, tuple(TAKEN)),
    "feedback": ("X-Request-ID", "X-Source"),
}
"""Which of them each call reads."""


def complete(found: dict[str, Any]) -> None:
    """Describe the headers of every call, and drop the statuses that it never sends.

    Args:
        found: A whole description, changed in its place; once more changes nothing.
    """
    components = found["components"]
    components["headers"] = SENT
    taken = {
        name: {"name": name, "in": "header", "description": told, "schema": TEXT}
        for name, told in TAKEN.items()
    }
    for name in ("HTTPValidationError", "ValidationError"):
        components["schemas"].pop(name, None)
    for calls in found["paths"].values():
        for operation in calls.values():
            _drop(operation)
            name = operation["operationId"]
            for status, response in operation["responses"].items():
                response["headers"] = {
                    header: {"$ref": f"#/components/headers/{header}"}
                    for header in _headers(name, status)
                }
            if name in TAKEN_BY:
                own = [taken[header] for header in TAKEN_BY[name]]
                given = operation.get("parameters", [])
                operation["parameters"] = [p for p in given if p not in own] + own


def _headers(name: str, status: str) -> list[str]:
    """The headers of one answer."""
    found = ["X-Request-ID"]
    if status == "200" and name in ANSWERING:
        found += ["X-Model-Name", "X-Model-Version", "X-Model-Alias"]
        found += IN_EXPERIMENTS if name in PREDICTING else []
    if status == "202" and name in SETTLING:
        found.append("Location")
    if status in {"429", "503"} and name not in PROBES:
        found.append("Retry-After")
    return found


def _drop(operation: dict[str, Any]) -> None:
    """Drop the errors that a call never has: those of keys, bodies and parameters it lacks."""
    parameters = {p["name"] for p in operation.get("parameters", []) if p.get("in") == "query"}
    security, body = operation.get("security", []), "requestBody" in operation
    sent = {
        "401": bool(security),
        "403": bool(security) and {} not in security,
        "408": body,
        "409": "alias" in parameters or operation["operationId"] == "start_experiment",
        "413": body,
        "422": body or bool(parameters),
    }
    responses = operation["responses"]
    for status, is_sent in sent.items():
        # FastAPI adds its own 422 where a call has parameters; here, another handler answers.
        content = responses.get(status, {}).get("content", {})
        if not is_sent or (status == "422" and PROBLEM_JSON not in content):
            responses.pop(status, None)
