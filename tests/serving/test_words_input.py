"""An input that is read word by word: what is taken, told, explained and logged of it."""

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from starlette.testclient import TestClient

from hitcast.declaration.loading import load_use_case
from serving.bodies import ROW_BYTES
from serving.columns import Row
from tests.conftest import ROOT
from tests.five import ROW, five, noted
from tests.placed import small_app
from tests.serving.conftest import lines_being_written
from tests.vocabularies import SONG

NAMES = ("BOSSA NOVA", "FUNK", "GOSPEL", "SERTANEJO")
LONGEST = 100_000
SONG_ODDS = (1.7 + 1.0, 1.0, 1.0, 1.0)
"""`mar` twice is 1.7, `barquinho` once; `coracao`, `louvor` and `noite fria` once each."""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lyrics")


@pytest.fixture(scope="module")
def client(home: Path) -> TestClient:
    """An API on songs: four classes, one text of words, no numbers."""
    app = small_app(home, load_use_case("lyrics", folder=ROOT / "conf"))
    return TestClient(app, raise_server_exceptions=False)


def chances(*odds: float) -> dict[str, float]:
    powers = np.exp(odds)
    return dict(zip(NAMES, (powers / powers.sum()).tolist(), strict=True))


def padded(text: str, characters: int) -> str:
    """A text of so many characters, the last of which are a word that nobody knows."""
    return text + " " + "é" * (characters - len(text) - 1)


def told_of(text: str) -> dict[str, Any]:
    """What the log holds in a text's place."""
    return {"length": len(text), "sha256": hashlib.sha256(text.encode()).hexdigest()[:16]}


def test_a_song_is_of_the_class_that_its_words_speak_of(client: TestClient) -> None:
    assert client.post("/predict", json={"lyrics": SONG}).content == (
        b'{"predicted_genre": "BOSSA NOVA"}'
    )
    found = client.post("/predict?detail=true", json={"lyrics": SONG, "artist": "Ninguém"}).json()
    assert found["probabilities"] == pytest.approx(chances(*SONG_ODDS), abs=1e-12)
    # Nobody knows which artists the training saw: they are private.
    assert (found["unknown"], found["outside"], found["threshold"]) == ([], {}, None)
    none = client.post("/predict?detail=true", json={"lyrics": "?"}).json()
    assert set(none["probabilities"].values()) == {0.25}


def test_a_text_of_the_longest_length_is_taken_and_one_more_is_not_quoted(
    client: TestClient,
) -> None:
    whole = padded(f"{SONG} segredo", LONGEST)
    # As JSON may write it, six bytes a character.
    for ascii_alone in (True, False):
        body = json.dumps({"lyrics": whole}, ensure_ascii=ascii_alone)
        answer = client.post("/predict?detail=true", content=body.encode())
        assert answer.status_code == 200
        assert answer.json()["probabilities"] == pytest.approx(chances(*SONG_ODDS), abs=1e-12)
    longer = {"lyrics": padded(f"{SONG} segredo", LONGEST + 1)}
    alone = client.post("/predict", json=longer)
    assert alone.status_code == 422
    assert alone.json()["errors"][0]["field"] == "lyrics"
    batch = client.post("/predict/batch", json={"instances": [{"lyrics": SONG}, longer]})
    assert [set(row) & {"error"} for row in batch.json()["predictions"]] == [set(), {"error"}]
    records = client.post("/invocations", json={"dataframe_records": [longer]})
    assert records.status_code == 400
    for answer in (alone, batch, records):
        assert f"at most {LONGEST} characters" in answer.text
        assert "segredo" not in answer.text


@pytest.mark.parametrize("wrong", ["", None, 5, ["segredo"], {"segredo": 1}])
def test_what_is_no_text_is_refused_and_not_quoted(client: TestClient, wrong: Any) -> None:
    answer = client.post("/predict", json={"lyrics": wrong})
    assert (answer.status_code, answer.json()["errors"][0]["field"]) == (422, "lyrics")
    assert "segredo" not in answer.text


def test_the_words_that_decided_are_told_largest_first(client: TestClient) -> None:
    found = client.post("/explain", json={"lyrics": SONG}).json()
    assert (found["predicted_genre"], found["effects"]) == ("BOSSA NOVA", [])
    words = {word["word"]: word for word in found["words"]}
    assert {name: word["count"] for name, word in words.items()} == {
        "barquinho": 1, "coracao": 1, "louvor": 1, "mar": 2, "noite fria": 1,
    }  # fmt: skip
    sizes = [abs(word["effect"]) for word in found["words"]]
    assert sizes == sorted(sizes, reverse=True)
    assert {word["column"] for word in found["words"]} == {"lyrics"}
    own = chances(*SONG_ODDS)["BOSSA NOVA"]
    without = {"mar": (1.0, 1.0, 1.0, 1.0), "barquinho": (1.7, 1.0, 1.0, 1.0),
               "louvor": (2.7, 1.0, 0.0, 1.0)}  # fmt: skip
    for word, odds in without.items():
        expected = own - chances(*odds)["BOSSA NOVA"]
        assert words[word]["effect"] == pytest.approx(expected, abs=1e-12)
    assert words["louvor"]["effect"] < 0 < words["mar"]["effect"]
    assert client.post("/explain", json={"lyrics": "nada"}).json()["words"] == []


def test_numbers_and_words_are_explained_side_by_side(tmp_path: Path) -> None:
    client = TestClient(small_app(tmp_path, noted()))
    found = client.post("/explain", json={**ROW, "notes": "Viola, viola"}).json()
    assert {effect["feature"] for effect in found["effects"]} == {
        "length", "breadth", "grains", "shine",
    }  # fmt: skip
    assert [(w["column"], w["word"], w["count"]) for w in found["words"]] == [("notes", "viola", 2)]
    assert client.post("/explain?feature=notes", json={**ROW, "notes": "x"}).status_code == 422


def test_words_are_told_of_a_use_case_that_has_such_a_text_alone(
    client: TestClient, tmp_path: Path
) -> None:
    without = TestClient(small_app(tmp_path, five()))
    for asked, has_words in ((client, True), (without, False)):
        described = asked.get("/openapi.json").json()["components"]["schemas"]["Explanation"]
        assert ("words" in described["properties"]) is has_words
    assert "words" not in without.post("/explain", json=ROW).json()


def test_the_log_holds_the_length_and_hash_in_the_text_s_place(
    client: TestClient, home: Path
) -> None:
    other = "Segredo, segredo " * 50
    client.post("/predict", json={"lyrics": SONG, "artist": "Ninguém"})
    (alone,) = lines_being_written(home)[-1:]
    assert alone["row"] == {"lyrics": told_of(SONG), "artist": "Ninguém"}
    # All good, and one by one, which are two ways.
    for more in ([], [{"lyrics": ""}]):
        rows: list[Row] = [{"lyrics": SONG, "artist": "a"}, {"lyrics": other, "artist": "a"}]
        client.post("/predict/batch", json={"instances": [*rows, *more]})
        lines = lines_being_written(home)[-2:]
        assert [line["row"] for line in lines] == [
            {"lyrics": told_of(SONG), "artist": "a"}, {"lyrics": told_of(other), "artist": "a"},
        ]  # fmt: skip
    client.post("/invocations", json={"dataframe_records": [{"lyrics": other}]})
    tensor = {"name": "lyrics", "shape": [1, 1], "datatype": "BYTES", "data": [other]}
    assert client.post("/v2/models/lyrics/infer", json={"inputs": [tensor]}).status_code == 200
    assert [line["row"]["lyrics"] for line in lines_being_written(home)[-2:]] == [
        told_of(other), told_of(other),
    ]  # fmt: skip
    (segment,) = (home / "inference_log").glob("*.open")
    assert "egredo" not in segment.read_text()
    assert "barquinho" not in segment.read_text()


def test_the_schema_tells_which_texts_are_read_word_by_word(client: TestClient) -> None:
    found = client.get("/schema").json()
    inputs = {column["name"]: column for column in found["inputs"]}
    lyrics, artist = inputs["lyrics"], inputs["artist"]
    assert (lyrics["type"], lyrics["words"], lyrics["longest"]) == ("text", True, LONGEST)
    assert (lyrics["private"], lyrics["values"], lyrics["typical"]) == (True, None, None)
    assert (artist["words"], artist["longest"]) == (False, 500)
    # A text of the longest length fits, however JSON writes it.
    assert found["limits"]["row_bytes"] == ROW_BYTES + 12 * LONGEST
    assert client.post("/similar", json={"lyrics": SONG}).json() == {"similar": []}
    overall = client.get("/profiles").json()["overall"]
    assert (overall["typical"], set(overall["shares"])) == ({}, set(NAMES))


def test_the_limit_of_a_body_with_one_row_holds(client: TestClient) -> None:
    most = client.get("/schema").json()["limits"]["row_bytes"]
    body = json.dumps({"lyrics": SONG}).encode()
    for path in ("/predict", "/explain", "/similar"):
        assert client.post(path, content=body.ljust(most)).status_code == 200
        assert client.post(path, content=body.ljust(most + 1)).status_code == 413
