"""The generic generator: rows drawn from a file of statistics."""

import json
from argparse import Namespace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from benchmarks.statistics import as_text, statistics_of
from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.errors import SourceError, UseCaseError
from hitcast.running.home import Home
from hitcast.sources.choose import choose_extracts
from hitcast.sources.extract import Extract
from hitcast.sources.generators import generator_of
from hitcast.sources.generators.statistics import load_statistics
from tests.conftest import ROOT
from tests.trees import declared, tree_rows, trees

DRAWN = ["fraud", "pistachio"]
MADE_UP: dict[str, Any] = {
    "note": "made up",
    "classes": {"a": 0.75, "b": 0.25},
    "levels": [0.0, 0.5, 1.0],
    "columns": {
        "id": {"serial": True},
        "size": {"quantiles": {"a": [0, 1, 2], "b": [5, 6, 7]}, "decimals": 2},
        "count": {
            "quantiles": {"a": [0, 10, 90], "b": [0, 10, 90]}, "missing": {"a": 0.2, "b": 0.0}
        },
        "kind": {"shares": {"a": {"x, y": 0.9, "z": 0.1}, "b": {"z": 1.0}}},
    },
    "correlated": ["size", "count"],
    "correlations": {"a": [[], [0.9]], "b": [[], [-0.9]]},
}  # fmt: skip


def load(name: str) -> UseCase:
    return load_use_case(name, folder=ROOT / "conf")


def drawn(use_case: UseCase, path: Path, rows: int, seed: int = 0) -> pd.DataFrame:
    generator_of(use_case).write(path, rows, seed, None)
    return pd.read_csv(path)


def made_up(conf: Path, monkeypatch: pytest.MonkeyPatch, content: object = MADE_UP) -> UseCase:
    """A use case of four columns, whose statistics are `content`."""
    columns = {
        name: {"role": role, "type": kind, "meaning": name, "required": role in ("key", "label")}
        for name, role, kind in (
            ("id", "key", "integer"), ("size", "feature", "number"),
            ("count", "feature", "integer"), ("kind", "label", "text"),
        )
    }  # fmt: skip
    use_case = load("pistachio").model_dump(exclude={"label", "made_key", "columns", "key"})
    (conf / "statistics").mkdir(parents=True)
    text = content if isinstance(content, str) else json.dumps(content)
    (conf / "statistics/pistachio.json").write_text(text)
    monkeypatch.setenv("HITCAST_CONF", str(conf))
    label = {"column": "kind", "output": "kind_of", "classes": ["x, y", "z"], "positive": "z"}
    return UseCase.model_validate({**use_case, "key": "id", "label": label, "columns": columns})


@pytest.mark.parametrize("name", DRAWN)
def test_rows_are_distributed_and_correlated_as_the_statistics_say(
    name: str, tmp_path: Path
) -> None:
    use_case = load(name)
    known, _ = load_statistics(ROOT / f"conf/statistics/{name}.json")
    rows = drawn(use_case, tmp_path / "a.csv", 60_000)
    assert list(rows) == list(use_case.source_names)
    # Classes by their own names, but for a label of numbers.
    classes = rows[use_case.label.column].astype(str)
    shares = classes.value_counts(normalize=True)
    assert {c: shares[c] for c in known.classes} == pytest.approx(dict(known.classes), abs=0.01)
    assert shares[min(known.classes, key=lambda c: known.classes[c])] > 0
    common = max(known.classes, key=lambda c: known.classes[c])
    for column in known.correlated:
        values = rows.loc[classes == common, column]
        expected = known.columns[column].quantiles[common]
        at = (np.searchsorted(np.sort(values), expected[5:-5], side="right")) / len(values)
        below = np.searchsorted(np.sort(values), expected[5:-5]) / len(values)
        levels = np.array(known.levels[5:-5])
        assert np.all((below - 0.015 <= levels) & (levels <= at + 0.015)), column
    scores = rows.loc[classes == common, list(known.correlated)].corr("spearman").to_numpy()
    for place, row in enumerate(known.correlations[common]):
        # Normal scores that are correlated by r have ranks that are correlated by this.
        ranks = 6 / np.pi * np.arcsin(np.array(row) / 2)
        assert np.abs(scores[place, :place] - ranks).max(initial=0) < 0.05


def test_the_same_seed_gives_the_same_rows_of_which_a_larger_file_has_more(tmp_path: Path) -> None:
    use_case = load("pistachio")
    texts = []
    for rows, seed in ((30, 1), (30, 1), (20_050, 1), (30, 2)):
        drawn(use_case, tmp_path / "a.csv", rows, seed)
        texts.append((tmp_path / "a.csv").read_text())
    assert texts[0] == texts[1] != texts[3]
    assert texts[2].startswith(texts[0])
    assert len(texts[2].splitlines()) == 20_051


def test_texts_missing_values_and_keys_are_drawn_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_case = made_up(tmp_path / "conf", monkeypatch)
    rows = drawn(use_case, tmp_path / "a.csv", 20_010)
    assert rows["id"].tolist() == list(range(1, 20_011))
    low, high = rows[rows["size"] < 3], rows[rows["size"] > 3]
    assert len(high) / len(rows) == pytest.approx(0.25, abs=0.01)
    assert low["kind"].value_counts(normalize=True)["x, y"] == pytest.approx(0.9, abs=0.01)
    assert set(high["kind"]) == {"z"}
    assert low["count"].isna().mean() == pytest.approx(0.2, abs=0.01)
    assert not high["count"].isna().any()
    assert low["size"].corr(low["count"], "spearman") > 0.8
    assert high["size"].corr(high["count"], "spearman") < -0.8
    assert (high["count"] % 1 == 0).all()


def test_statistics_of_drawn_rows_are_those_that_they_were_drawn_from(tmp_path: Path) -> None:
    use_case = load("pistachio")
    known, _ = load_statistics(ROOT / "conf/statistics/pistachio.json")
    rows = drawn(use_case, tmp_path / "a.csv", 20_000)
    found = json.loads(as_text(statistics_of(rows, use_case, {}, "again")))
    again = tmp_path / "statistics.json"
    again.write_text(json.dumps(found))
    derived, _ = load_statistics(again)
    assert dict(derived.classes) == pytest.approx(dict(known.classes), abs=0.015)
    for of_class, correlations in known.correlations.items():
        for row, other in zip(correlations, derived.correlations[of_class], strict=True):
            assert list(other) == pytest.approx(list(row), abs=0.05)
    for name in known.correlated:
        for of_class, values in known.columns[name].quantiles.items():
            spread = values[-4] - values[3]
            others = derived.columns[name].quantiles[of_class]
            assert list(others[3:-3]) == pytest.approx(list(values[3:-3]), abs=0.06 * spread)


def test_a_share_that_is_told_takes_the_place_of_the_samples() -> None:
    rows = pd.DataFrame({c.name: [1.0, 2.0, 3.0, 4.0] for c in load("fraud").source_columns})
    rows["Class"] = [0, 0, 1, 1]
    found = statistics_of(rows, load("fraud"), {"1": 0.0017}, "")
    assert found["classes"] == {"0": 0.9983, "1": 0.0017}


def test_texts_that_tell_who_is_who_are_not_kept(spotify: UseCase) -> None:
    rows = pd.DataFrame({c.name: range(300) for c in spotify.columns})
    rows["artist_name"] = [f"artist {n}" for n in range(300)]
    rows["track_name"] = "one title"
    rows["genre"] = "pop"
    found = statistics_of(rows, spotify, {}, "")["columns"]
    assert found["artist_name"] == found["track_id"] == {"serial": True}
    assert found["genre"] == {"shares": {"0": {"pop": 1.0}, "1": {"pop": 1.0}}}


def test_what_models_see_is_drawn_as_it_is_spread_though_it_is_private_or_has_many_values() -> None:
    feature = {"role": "feature", "meaning": "what models see"}
    columns = declared()["columns"]
    columns["height"] = {**columns["height"], "private": True, "maximum": 50}
    columns["shop"] = {**feature, "type": "text"}
    columns["code"] = {**feature, "type": "category", "private": True, "minimum": 0}
    use_case = trees(columns=columns)
    rows = tree_rows(1_000)
    rows["height"] = [10.0, *[20.0, 30.0] * 499, 40.0]
    rows["shop"] = [f"shop {n // 8 if n < 800 else n}" for n in range(1_000)]
    rows["code"] = [777, *[333, 555] * 499, 555]
    found = statistics_of(rows, use_case, {}, "")["columns"]
    heights = [v for values in found["height"]["quantiles"].values() for v in values]
    assert (min(heights), max(heights)) == (20.0, 30.0)
    shops = {shop for shares in found["shop"]["shares"].values() for shop in shares}
    assert shops == {f"shop {n}" for n in range(100)}
    codes = {code for shares in found["code"]["shares"].values() for code in shares}
    assert codes == {"0", "1", "2"}


def twin(use_case: UseCase, home: Path, rows: int) -> Extract:
    options = Namespace(
        files=None, table=None, twin=rows, seed=None, source=None, secret_scope=None
    )

    def no_session() -> Any:
        raise AssertionError("generated rows need no session")

    return choose_extracts(use_case, Home(home), options, no_session)[0]


@pytest.mark.parametrize("name", [*DRAWN, "spotify"])
def test_an_extract_of_any_use_cases_generator_says_that_it_is_generated(
    name: str, tmp_path: Path
) -> None:
    extract = twin(load(name), tmp_path, 40)
    assert (extract.source, extract.generated) == ("twin", True)


def test_a_file_of_other_statistics_is_another_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_case = made_up(tmp_path / "conf", monkeypatch)
    for note in ("first", "first", "second"):
        path = tmp_path / "conf/statistics/pistachio.json"
        path.write_text(json.dumps({**MADE_UP, "note": note}))
        twin(use_case, tmp_path, 40)
    assert len(list(tmp_path.rglob("*-twin-40-0-*.csv"))) == 2


def test_without_a_generator_what_to_declare_is_told() -> None:
    use_case = load("fraud").model_copy(
        update={"source": load("fraud").source.model_copy(update={"generator": None})}
    )
    with pytest.raises(SourceError, match=r"generator: \{statistics: fraud.json\}.*or name a file"):
        generator_of(use_case)


@pytest.mark.parametrize("given", ["waves", "3", "{statistics: ../x.json}", "{numbers: a.json}"])
def test_an_unknown_generator_is_refused_with_what_is_allowed(given: str, tmp_path: Path) -> None:
    text = (ROOT / "conf/spotify.yml").read_text()
    (tmp_path / "spotify.yml").write_text(text.replace("generator: tracks", f"generator: {given}"))
    with pytest.raises(UseCaseError, match=r"source\.generator.*(allowed: tracks, or|statistics)"):
        load_use_case("spotify", folder=tmp_path)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("{", "does not hold statistics"),
        ({**MADE_UP, "levels": [0, 0.5, 0.9]}, "levels rise from 0 to 1"),
        ({**MADE_UP, "levels": [0, 1]}, "size: each class needs 2 quantiles"),
        ({**MADE_UP, "classes": {"a": 1.0}}, r"size: expected \['a'\], got \['a', 'b'\]"),
        ({**MADE_UP, "correlated": ["size"]}, "count: correlated are"),
        ({**MADE_UP, "correlations": {}}, "each class needs rows of"),
        (
            {**MADE_UP, "columns": {k: v for k, v in MADE_UP["columns"].items() if k != "kind"}},
            r"knows nothing of the columns \['kind'\].*derive it anew",
        ),
    ],
)  # fmt: skip
def test_statistics_that_fit_nothing_are_refused(
    content: object, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    use_case = made_up(tmp_path / "conf", monkeypatch, content)
    with pytest.raises(SourceError, match=told):
        generator_of(use_case)


def test_correlations_that_contradict_one_another_are_refused_and_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = {**MADE_UP, "correlations": {"a": [[], [1.5]], "b": [[], [0.0]]}}
    generator = generator_of(made_up(tmp_path / "conf", monkeypatch, content))
    with pytest.raises(SourceError, match="class 'a' contradict"):
        generator.write(tmp_path / "home" / "a.csv", 10, 0, None)
    assert list((tmp_path / "home").iterdir()) == []


@pytest.mark.parametrize("rows", [0, -3])
def test_fewer_than_one_row_is_refused(rows: int, tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="at least 1; got"):
        twin(load("fraud"), tmp_path, rows)


def test_statistics_that_are_not_there_are_told_with_how_to_make_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HITCAST_CONF", str(tmp_path))
    with pytest.raises(SourceError, match=r"fraud\.json, found none; derive it"):
        generator_of(load("fraud"))


@pytest.mark.parametrize(("name", "file"), [(name, f"docs/examples/{name}.json") for name in DRAWN])
def test_a_first_run_asks_about_rows_with_every_input(name: str, file: str) -> None:
    rows = json.loads((ROOT / file).read_text())["dataframe_records"]
    assert len(rows) == 2
    assert [sorted(row) for row in rows] == [sorted(c.name for c in load(name).inputs)] * 2
