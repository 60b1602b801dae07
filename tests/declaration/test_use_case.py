import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from hitcast.declaration.loading import load_use_case
from hitcast.declaration.use_case import UseCase
from hitcast.errors import UseCaseError
from tests.conftest import ROOT
from tests.trees import declared as made_up
from tests.trees import trees

Change = Callable[[dict[str, Any]], object]


@pytest.fixture
def declared() -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((ROOT / "conf/spotify.yml").read_text(encoding="utf-8"))
    return data


def load(declared: dict[str, Any], folder: Path) -> UseCase:
    (folder / "spotify.yml").write_text(yaml.safe_dump(declared, sort_keys=False))
    return load_use_case("spotify", folder=folder)


def test_the_tracks_are_declared_whole(spotify: UseCase) -> None:
    assert spotify.key == "track_id"
    assert spotify.group == "artist_name"
    assert (spotify.label.column, spotify.label.at_least) == ("popularity", 50)
    assert spotify.training.metric == "average_precision"
    assert [c.name for c in spotify.features][:3] == ["year", "genre", "danceability"]
    assert spotify.column("tempo").unit == "BPM"
    assert set(spotify.candidates) == {
        "logistic_regression",
        "random_forest",
        "gradient_boosted_trees",
        "xgboost",
    }


def test_a_use_case_cannot_be_changed(spotify: UseCase) -> None:
    with pytest.raises(ValueError, match="frozen"):
        spotify.key = "other"


WRONG: list[tuple[str, Change, list[str]]] = [
    (
        "unknown key",
        lambda d: d.update(lable={}),
        ["lable", "not permitted"],
    ),
    (
        "unknown type",
        lambda d: d["columns"]["tempo"].update(type="float"),
        ["columns", "type", "'text', 'words', 'integer', 'number', 'category'", "'float'"],
    ),
    (
        "views of an unknown input",
        lambda d: d["views"].update(without=["popularity"]),
        ["views.without names ['popularity']", "'year'"],
    ),
    (
        "the latest of a text",
        lambda d: d["views"].update(latest="genre"),
        ["views.latest is 'genre'", "'year'"],
    ),
    (
        "a view without any input",
        lambda d: d["views"].update(
            without=[n for n, c in d["columns"].items() if c["role"] in ("feature", "context")]
        ),
        ["views.without names every input"],
    ),
    (
        "names of some values alone",
        lambda d: d["columns"]["mode"].update(names={1: "major"}),
        ["names expected for each of [0, 1]", "got [1]"],
    ),
    (
        "names of a number that is not whole",
        lambda d: d["columns"]["tempo"].update(names={1: "slow"}),
        ["names are for types integer and category", "got type number"],
    ),
    (
        "range upside down",
        lambda d: d["columns"]["tempo"].update(minimum=400),
        ["minimum 400 is above maximum 300"],
    ),
    (
        "range of a text",
        lambda d: d["columns"]["genre"].update(minimum=1),
        ["a text has no minimum or maximum"],
    ),
    (
        "key without a column",
        lambda d: d.update(key="nowhere"),
        ["key 'nowhere' needs a column of that name with role: key"],
    ),
    (
        "two labels",
        lambda d: d["columns"]["tempo"].update(role="label"),
        ["2 columns have role: label"],
    ),
    (
        "unknown family",
        lambda d: d["candidates"].update(perceptron={"encoding": "one_hot"}),
        ["candidates.perceptron", "'logistic_regression'", "'xgboost'"],
    ),
    (
        "half a range",
        lambda d: d["candidates"]["xgboost"]["search"].update(max_depth={"grid": [4], "low": 2}),
        ["candidates.xgboost.search.max_depth", "low and high go together"],
    ),
    (
        "categories as numbers for trees",
        lambda d: d["candidates"]["xgboost"].update(codes="numbers"),
        ["codes: numbers needs encoding: one_hot"],
    ),
    (
        "components of indexes",
        lambda d: d["candidates"]["xgboost"].update(pca=3),
        ["pca needs encoding: one_hot"],
    ),
    (
        "a label without a rule",
        lambda d: d["label"].pop("at_least"),
        ["a label has one of ['at_least', 'is', 'classes']", "none of them"],
    ),
    (
        "a label with two rules",
        lambda d: d["label"].update({"is": 1}),
        ["got ['at_least', 'is']"],
    ),
    (
        "a word that YAML takes for true",
        lambda d: d["label"].update({"is": True}),
        ["put yes, no, true in quotes"],
    ),
    (
        "two classes without a positive one",
        lambda d: d["label"].update(at_least=None, classes=["a", "b"]),
        ["two classes need positive: one of ['a', 'b']"],
    ),
    (
        "classes that differ in case alone",
        lambda d: d["label"].update(at_least=None, classes=["a", "b", "B"]),
        ["two or more different names"],
    ),
    (
        "classes of a number",
        lambda d: d["label"].update(at_least=None, classes=["a", "b", "c"]),
        ["needs a column with type: text"],
    ),
    (
        "classes of a number that leave one out",
        lambda d: d["label"].update(at_least=None, classes=[1, 2, 4]),
        ["needs a column with type: text", "whole numbers without a gap"],
    ),
    (
        "classes of a number with fractions",
        lambda d: d["label"].update(at_least=None, classes=[1.5, 2, 3]),
        ["label.classes.0", "string"],
    ),
    (
        "limits that are not those of the classes",
        lambda d: d["label"].update(at_least=None, classes=[1, 2, 3]),
        ["column 'popularity': minimum and maximum are those of the classes, (1, 3)"],
    ),
    (
        "a kind of naive Bayes that is not served",
        lambda d: d["candidates"].update(
            naive_bayes={"encoding": "one_hot", "search": {"modelType": {"grid": ["complement"]}}}
        ),
        ["candidates.naive_bayes", "['complement'] can't be served", "multinomial"],
    ),
    (
        "counts below 0",
        lambda d: d["candidates"].update(naive_bayes={"encoding": "one_hot"}),
        ["candidates.naive_bayes", "multinomial takes no negative numbers", "loudness", "gaussian"],
    ),
    (
        "a split that is both",
        lambda d: d["split"].update(by="year"),
        ["salt and test_percent, or by and from", "got ['by', 'salt', 'test_percent']"],
    ),
    (
        "a cut-off of an input",
        lambda d: d.update(split={"by": "year", "from": 2020}),
        ["split.by 'year' needs a column of that name with role: identity"],
    ),
    (
        "test share out of range",
        lambda d: d["split"].update(test_percent=80),
        ["split.test_percent", "less than or equal to 50", "80"],
    ),
    (
        "another name than the file's",
        lambda d: d.update(name="tracks"),
        ["'tracks'", "expected 'spotify'"],
    ),
    (
        "a dot in a name",
        lambda d: d["columns"].update({"a.b": d["columns"]["tempo"]}),
        ["column 'a.b'", "none of", "rename it"],
    ),
    (
        "a name of the engine's tables",
        lambda d: d["columns"].update({"Line_ID": d["columns"]["tempo"]}),
        ["column 'Line_ID'", "the engine uses that name itself", "rename it"],
    ),
    (
        "a name as the engine's stages have them",
        lambda d: d["columns"].update(_tempo_filled_=d["columns"]["tempo"]),
        ["column '_tempo_filled_'", "names between underscores"],
    ),
    (
        "a name of the engine's answers",
        lambda d: d["columns"].update(probability=d["columns"]["tempo"]),
        ["column 'probability'", "taken are"],
    ),
    (
        "names that differ in case alone",
        lambda d: d["columns"].update(Tempo=d["columns"]["tempo"]),
        ["'tempo' and 'Tempo'", "differ in more than case"],
    ),
    (
        "an alias that is a column",
        lambda d: d["columns"]["energy"].update(aliases=["tempo"]),
        ["aliases ['tempo']", "one column's alone"],
    ),
    (
        "an answer called as a column",
        lambda d: d["label"].update(output="tempo"),
        ["'tempo' and 'tempo'", "label.output"],
    ),
]


@pytest.mark.parametrize(
    ("section", "value", "told"),
    [
        ("gates", {"at_least": {"areaUnderROCK": 0.7}}, "areaUnderROCK"),
        ("gates", {"guarded": {"recall": -0.1}}, "-0.1"),
        ("promotion", {"mode": "off"}, "dry_run"),
        ("promotion", {"exports": "served"}, "exports"),
    ],
)
def test_a_wrong_gate_or_mode_of_promotion_is_refused(
    declared: dict[str, Any], tmp_path: Path, section: str, value: dict[str, Any], told: str
) -> None:
    declared[section] = value
    with pytest.raises(UseCaseError, match=told):
        load(declared, tmp_path)


def test_a_guard_is_taken_away_by_null_and_the_others_stay(
    declared: dict[str, Any], tmp_path: Path
) -> None:
    declared["gates"] = {"guarded": {"recall": None}}
    guarded = load(declared, tmp_path).gates.guarded
    assert (guarded.recall, guarded.areaUnderROC, guarded.calibration_slope) == (None, 0.01, 0.1)


@pytest.mark.parametrize(("change", "told"), [w[1:] for w in WRONG], ids=[w[0] for w in WRONG])
def test_a_wrong_declaration_is_refused_with_key_value_and_what_is_allowed(
    declared: dict[str, Any], tmp_path: Path, change: Change, told: list[str]
) -> None:
    change(declared)
    with pytest.raises(UseCaseError) as refused:
        load(declared, tmp_path)
    assert "\n" not in str(refused.value)
    for part in ["spotify.yml", *told]:
        assert part in str(refused.value)


def test_a_column_that_stands_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "spotify.yml").write_text("name: spotify\nname: other\n")
    with pytest.raises(UseCaseError, match=r"'name' stands twice.*line 2"):
        load_use_case("spotify", folder=tmp_path)


def test_a_key_that_the_data_lacks_is_one_more_column(
    declared: dict[str, Any], tmp_path: Path
) -> None:
    del declared["columns"]["track_id"]
    declared["key"] = {"hash": ["track_name", "artist_name"], "normalise": ["casefold"]}
    loaded = load(declared, tmp_path)
    assert loaded.key == "row_key"
    assert loaded.column("row_key").role == "key"
    assert "row_key" in loaded.column_names and "row_key" not in loaded.source_names
    declared["key"] = {"hash": "all", "column": "track"}
    assert load(declared, tmp_path).key == "track"


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ({"hash": ["title"]}, r"key\.hash names \['title'\]; allowed: all, or some of"),
        ({"hash": []}, "at least 1"),
        ({"hash": "all", "column": "tempo"}, "'tempo' is a column of the data"),
        ({"hash": "all", "normalise": ["case"]}, "casefold"),
    ],
)
def test_a_wrong_way_to_make_a_key_is_refused(
    declared: dict[str, Any], tmp_path: Path, key: dict[str, Any], told: str
) -> None:
    del declared["columns"]["track_id"]
    declared["key"] = key
    with pytest.raises(UseCaseError, match=told):
        load(declared, tmp_path)


def test_a_file_that_is_not_yaml_is_refused_with_the_place(tmp_path: Path) -> None:
    (tmp_path / "spotify.yml").write_text("name: [spotify\n")
    with pytest.raises(UseCaseError, match=r"not valid YAML.*line 2"):
        load_use_case("spotify", folder=tmp_path)


def test_an_unknown_use_case_is_refused_with_those_that_exist(tmp_path: Path) -> None:
    (tmp_path / "cards.yml").write_text("")
    with pytest.raises(UseCaseError, match=r"among \['cards'\].*got 'lyrics'"):
        load_use_case("lyrics", folder=tmp_path)


def test_no_column_name_of_the_tracks_stands_in_the_package(spotify: UseCase) -> None:
    # "key" and "mode" are also words of programming; all other names are the tracks' own.
    names = set(spotify.column_names) - {"key", "mode", "year"}
    modules = [p for p in (ROOT / "src").rglob("*.py") if "twin" not in p.parts]
    assert len(modules) > 30
    found = {
        (module.name, name)
        for module in modules
        for name in names
        if f'"{name}"' in (text := module.read_text()) or f".{name}" in text
    }
    assert found == set()


def test_a_folder_conf_with_nothing_of_ours_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf/log4j2.xml").touch()
    monkeypatch.delenv("HITCAST_CONF", raising=False)
    monkeypatch.chdir(tmp_path)
    assert load_use_case("spotify").name == "spotify"
    (tmp_path / "conf/other.yml").touch()
    with pytest.raises(UseCaseError, match=r"expected a use case among \['other'\]"):
        load_use_case("spotify")


@pytest.mark.parametrize("kind", ["integer", "category", "text"])
def test_whole_numbers_are_classes_as_they_stand_and_no_others_are_legal(kind: str) -> None:
    columns = made_up()["columns"]
    columns["kind"] = {**columns["kind"], "type": kind}
    label = {"column": "kind", "classes": [3, 1, 2], "output": "tree"}
    use_case = trees(columns=columns, label=label)
    column = use_case.column("kind")
    assert use_case.label.names == ("3", "1", "2")
    limits = (None, None) if kind == "text" else (1, 3)
    assert (column.minimum, column.maximum) == limits
    assert column.pattern == ("3|1|2" if kind == "text" else None)
    assert UseCase.model_validate(use_case.model_dump()) == use_case


def test_of_two_classes_a_whole_number_may_be_the_positive_one() -> None:
    columns = made_up()["columns"]
    columns["kind"] = {**columns["kind"], "type": "integer"}
    label = {"column": "kind", "classes": [1, 0], "positive": 1, "output": "tree"}
    assert trees(columns=columns, label=label).label.names == ("0", "1")


def test_the_whole_declaration_that_the_docs_show_is_one(tmp_path: Path) -> None:
    told = (ROOT / "docs/use-cases.md").read_text(encoding="utf-8")
    (shown,) = re.findall(r"```yaml\n(name: .*?)```", told, re.DOTALL)
    (tmp_path / "grain.yml").write_text(shown, encoding="utf-8")
    grain = load_use_case("grain", folder=tmp_path)
    assert [column.name for column in grain.modelled()] == ["weight", "moisture", "damaged", "hour"]
    assert grain.label.names == ("1", "2", "3")
