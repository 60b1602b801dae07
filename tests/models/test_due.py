"""What is left to do, told from tables and registry."""

import shutil
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from hitcast.models.due import Due, challenger_of, leave_due, what_is_due
from hitcast.models.registry import STAGING, Registry
from hitcast.models.version_tags import DISABLED, GENERATED_TAG, NOT_JUDGED, REASON_TAG, TABLE_ID
from hitcast.running.home import Home
from hitcast.running.task_values import FILE
from hitcast.tables.delta import GENERATED, Table
from tests.copies import copy_home, new_home
from tests.small_models import NAME, register

pytestmark = pytest.mark.spark


@pytest.fixture(scope="module")
def unjudged(tmp_path_factory: pytest.TempPathFactory) -> Home:
    """Versions 1 and 2, trained on gold 0, neither of them judged."""
    home = new_home(tmp_path_factory.mktemp("due"))
    for number in (1, 2):
        assert register(home, 1.0, tmp_path_factory.mktemp("scorer")) == number
    return home


@pytest.fixture
def home(unjudged: Home, tmp_path: Path) -> Home:
    """A copy of it."""
    return copy_home(unjudged.folder, tmp_path / "home")


@pytest.fixture
def gold(spark: SparkSession, tmp_path: Path) -> Table:
    """A table at version 0."""
    table = Table(spark, "gold", str(tmp_path / "gold"))
    table.create_from(spark.range(3), {GENERATED: "false"})
    return table


def test_without_a_model_everything_is_due_and_without_gold_nothing(
    gold: Table, tmp_path: Path
) -> None:
    registry = Registry(new_home(tmp_path / "home"), NAME, create=True)
    assert what_is_due(registry, gold) == Due(train=True, judge=True)
    absent = Table(gold.spark, "gold", str(tmp_path / "none"))
    assert what_is_due(registry, absent) == Due(train=False, judge=False)
    assert challenger_of(registry) is None


def test_rows_that_no_training_has_seen_are_to_be_trained_on_whoever_brought_them(
    home: Home, gold: Table
) -> None:
    registry = Registry(home, NAME)
    assert what_is_due(registry, gold) == Due(train=False, judge=True)
    gold.spark.sql(f"ALTER TABLE delta.`{gold.place}` SET TBLPROPERTIES ('a' = 'b')")
    gold.spark.sql(f"OPTIMIZE delta.`{gold.place}`")
    assert gold.version() > 0
    assert not what_is_due(registry, gold).train, "the rows are the same"
    gold.append(gold.spark.range(3, 5))
    assert what_is_due(registry, gold) == Due(train=True, judge=True)


def test_a_table_that_was_emptied_put_back_or_whose_commits_are_forgotten_is_to_be_trained_on(
    home: Home, gold: Table
) -> None:
    registry = Registry(home, NAME)
    place = Path(gold.place)
    copy = place.with_name("copy")
    shutil.copytree(place, copy)
    gold.spark.sql(f"TRUNCATE TABLE delta.`{place}`")
    assert what_is_due(registry, gold).train
    for number in range(2):
        gold.spark.sql(f"ALTER TABLE delta.`{place}` SET TBLPROPERTIES ('a' = '{number}')")
    registry.tag(2, "table_version", "1")
    assert not what_is_due(registry, gold).train
    known = gold.history().where("version > 2").localCheckpoint()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Table, "history", lambda _: known)
        assert what_is_due(registry, gold).train, "nobody knows what version 2 did"
    shutil.rmtree(place)
    shutil.copytree(copy, place)
    assert what_is_due(registry, gold).train, "version 1 is none of this table's"


def test_a_table_made_anew_is_another_one_though_it_has_the_same_version(
    home: Home, gold: Table
) -> None:
    registry = Registry(home, NAME)
    registry.tag(2, TABLE_ID, gold.identity())
    assert not what_is_due(registry, gold).train
    gold.drop()
    gold.create_from(gold.spark.range(3), {GENERATED: "false"})
    assert what_is_due(registry, gold).train
    registry.tag(2, TABLE_ID, gold.identity())
    registry.tag(2, GENERATED_TAG, "true")
    assert what_is_due(registry, gold).train, "generated rows are not real ones"


def test_the_newest_version_is_judged_though_its_training_did_not_get_to_call_it_staging(
    home: Home, gold: Table
) -> None:
    registry = Registry(home, NAME)
    registry.set_alias(STAGING, 1)
    registry.tag(1, REASON_TAG, "better")
    assert registry.version(2).tags.get(REASON_TAG) is None
    for reason in (None, f"{NOT_JUDGED}: run jobs/promote.py"):
        if reason:
            registry.tag(2, REASON_TAG, reason)
        challenger = challenger_of(registry)
        assert challenger is not None
        assert challenger.number == 2
        assert what_is_due(registry, gold).judge
    for reason in ("not better", DISABLED):
        registry.tag(2, REASON_TAG, reason)
        assert what_is_due(registry, gold) == Due(train=False, judge=False)
    challenger = challenger_of(registry)
    assert challenger is not None
    assert challenger.number == 1
    registry.tag(1, REASON_TAG, f"{NOT_JUDGED}: version 2 was faster")
    assert what_is_due(registry, gold).judge, "the one that was outdone"


def test_tasks_after_an_ingest_are_told(
    home: Home, gold: Table, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gold.append(gold.spark.range(1))
    monkeypatch.setenv(FILE, str(tmp_path / "values.json"))
    leave_due(home, NAME, gold)
    assert (tmp_path / "values.json").read_text() == '{"to_train": "true", "to_judge": "true"}'
