"""Whether a challenger becomes production: a pure function that fails closed."""

import math
from dataclasses import replace

import pytest

from hitcast.declaration.fingerprint import fingerprint_of, why_incomparable, why_unknown
from hitcast.declaration.sections import Gates, Split
from hitcast.declaration.use_case import UseCase
from hitcast.models.bootstrap import Interval
from hitcast.models.comparing import Comparison, Guarded
from hitcast.models.decision import decide_promotion
from hitcast.models.findings import Champion, Evidence, Parity, Trained

METRIC = "average_precision"
GATES = Gates(min_improvement=0.01, at_least={"areaUnderROC": 0.7})
DATA = Trained("table", 3, 1000.0)
FIRST = Evidence(
    metric=METRIC,
    scores={METRIC: 0.45, "areaUnderROC": 0.9},
    trained=DATA,
    parity=Parity(1e-12, "logistic_regression"),
)


def gain(value: float, error: float = 0.005) -> Interval:
    return Interval(value, error, 0.98)


def better(by: Interval, *guarded: Guarded) -> Evidence:
    comparison = Comparison(0.4, by, guarded, 4000, 200)
    return replace(FIRST, champion=Champion(1, DATA), comparison=comparison)


def test_a_first_version_becomes_production_if_nothing_speaks_against_it() -> None:
    found = decide_promotion(FIRST, GATES)
    assert found.alias == "production"
    assert found.reasons == ("first version: average_precision 0.450000 on the test rows",)
    assert found.figures[METRIC] == 0.45


@pytest.mark.parametrize(
    ("evidence", "reason"),
    [
        (
            replace(FIRST, scores={METRIC: 0.4, "areaUnderROC": 0.69}),
            "has to be at least 0.7, it is 0.69",
        ),
        (replace(FIRST, scores={METRIC: 0.4}), "areaUnderROC has to be at least 0.7, it is nan"),
        (replace(FIRST, scores={METRIC: math.nan, "areaUnderROC": 0.9}), "can't be told"),
        (replace(FIRST, scores={}), "were not scored"),
        (replace(FIRST, parity=None), "hitcast.parity"),
        (replace(FIRST, parity=Parity(1e-7, "logistic_regression")), "differ from Spark by 1e-09"),
        (replace(FIRST, parity=Parity(math.nan, "xgboost")), "it does by nan"),
        (replace(FIRST, incomparable="its card says nothing"), "--version N --alias production"),
        (Evidence(METRIC), "were not scored"),
    ],
)
def test_what_is_missing_or_too_low_keeps_a_first_version_in_staging(
    evidence: Evidence, reason: str
) -> None:
    found = decide_promotion(evidence, GATES)
    assert found.alias == "staging"
    assert reason in "; ".join(found.reasons)
    assert all(math.isfinite(figure) for figure in found.figures.values())


def test_xgboosts_scorer_may_differ_as_far_as_its_floats_do() -> None:
    assert decide_promotion(replace(FIRST, parity=Parity(1e-7, "xgboost")), GATES).alias == (
        "production"
    )


@pytest.mark.parametrize(
    ("by", "alias", "reason"),
    [
        (gain(0.02), "production", "better: "),
        (gain(0.02, 0.0), "production", "better: "),
        (gain(0.01), "staging", "not better by more than 0.01"),
        (gain(-0.3), "staging", "not better by more than 0.01"),
        (gain(0.02, 0.01), "staging", "not better beyond chance"),
        (gain(0.02, math.nan), "staging", "not better beyond chance"),
        (gain(math.nan), "staging", "not better by more than 0.01"),
    ],
)
def test_a_challenger_has_to_be_better_by_the_gate_and_beyond_chance(
    by: Interval, alias: str, reason: str
) -> None:
    found = decide_promotion(better(by), GATES)
    assert found.alias == alias
    assert found.reasons[0].startswith(reason)
    assert "version 1 in production has 0.400000" in "; ".join(found.reasons)


def test_the_reasons_say_how_many_tries_there_were() -> None:
    evidence = replace(better(gain(0.02)), tries=4)
    assert "one of 4 tries on this data" in decide_promotion(evidence, GATES).reasons[1]


@pytest.mark.parametrize(
    ("worse", "alias"),
    [
        (gain(0.03), "staging"),
        (gain(0.03, 0.02), "production"),
        (gain(0.009, 0.001), "production"),
        (gain(-0.5), "production"),
        (gain(math.nan), "staging"),
        (gain(0.03, math.nan), "staging"),
    ],
)
def test_a_guarded_figure_may_get_worse_by_chance_or_a_little(worse: Interval, alias: str) -> None:
    guarded = Guarded("areaUnderROC of all test rows", 0.87, 0.9, worse, 0.01)
    found = decide_promotion(better(gain(0.02), guarded), GATES)
    assert found.alias == alias
    if alias == "staging":
        assert found.reasons[0].endswith("0.9000 before, 0.8700 now")


@pytest.mark.parametrize(
    ("ours", "theirs", "older"),
    [
        (DATA, DATA, False),
        (replace(DATA, version=2, at=9999.0), DATA, True),
        (replace(DATA, version=4, at=None), DATA, False),
        (replace(DATA, table="new", at=999.0), DATA, True),
        (replace(DATA, table="new", at=1001.0), DATA, False),
        (replace(DATA, table="new", at=None), DATA, None),
        (Trained(), Trained(), None),
    ],
)
def test_data_may_not_be_older_than_the_champions(
    ours: Trained, theirs: Trained, older: bool | None
) -> None:
    assert ours.is_older_than(theirs) is older
    evidence = replace(better(gain(0.02)), trained=ours, champion=Champion(1, theirs))
    expected = "staging" if older in (True, None) else "production"
    assert decide_promotion(evidence, GATES).alias == expected


def test_a_model_of_generated_rows_never_replaces_one_of_real_rows() -> None:
    made = replace(DATA, generated=True)
    found = decide_promotion(replace(better(gain(0.2)), trained=made), GATES)
    assert found.alias == "staging"
    assert found.reasons[0] == "trained on generated rows, version 1 on real ones"
    real = replace(better(gain(0.2)), champion=Champion(1, made))
    assert decide_promotion(real, GATES).alias == "production"


def test_without_a_comparison_nobody_is_promoted_over_a_champion() -> None:
    alone = replace(FIRST, champion=Champion(1, DATA))
    found = decide_promotion(alone, GATES)
    assert (found.alias, found.reasons[0]) == ("staging", "it was not compared with version 1")
    told = decide_promotion(replace(alone, incomparable="it has another label rule"), GATES)
    assert told.reasons[0].startswith("it has another label rule; to put it into production")


def test_split_and_inputs_may_differ_label_rule_and_keys_may_not(spotify: UseCase) -> None:
    ours = fingerprint_of(spotify)
    salted = spotify.model_copy(update={"split": Split(salt="other", test_percent=10)})
    assert why_incomparable(ours, fingerprint_of(salted)) == ""
    assert why_incomparable(ours, {**ours, "inputs": {"loudness": "number"}}) == ""
    rule = {**ours, "label": {"column": "popularity", "at_least": 60}}
    assert why_incomparable(ours, rule).startswith("it has another label rule: popularity at least")
    keyed = {**ours, "split": {**ours["split"], "made_of": ["artist_name"]}}
    assert "other keys" in why_incomparable(ours, keyed)
    retyped = {**ours, "split": {**ours["split"], "types": {"track_id": "int"}}}
    assert "other keys" in why_incomparable(ours, retyped), "the same key hashes otherwise"
    of_old = {**ours, "split": {n: v for n, v in ours["split"].items() if n != "types"}}
    assert why_incomparable(ours, of_old) == ""
    for unknown in ({}, {**ours, "split": {}}, {**ours, "label": {"column": "popularity"}}):
        assert "does not state" in why_incomparable(ours, unknown)
    assert "'week'" in why_unknown({**ours, "split": {**ours["split"], "kind": "week"}})
