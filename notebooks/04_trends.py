# Databricks notebook source
# MAGIC %md
# MAGIC # 4 · How does the table change?
# MAGIC
# MAGIC Each extract that is brought in makes a version of the gold table, and Delta keeps them.
# MAGIC This notebook reads them back: how many rows came or changed, whether the share of a class
# MAGIC grows, and which quantities drift. A model that was trained on an old version has not seen
# MAGIC what came since.

# COMMAND ----------

# DBTITLE 1,Where hitcast is, if it is not installed
import os
import sys
from pathlib import Path

# As in a Git folder on Databricks: there package and use cases lie beside the notebooks.
sys.path.append(str(Path("../src").resolve()))
if Path("../conf").is_dir():
    os.environ.setdefault("HITCAST_CONF", str(Path("../conf").resolve()))

# COMMAND ----------

from hitcast.declaration.loading import load_use_case
from hitcast.exploring.parameters import number_or, open_home
from hitcast.exploring.subject import open_subject
from hitcast.exploring.trends.moves import moved_most, trends_in_words
from hitcast.exploring.trends.quality import draw_quality, quality_in_words, tell_quality
from hitcast.exploring.trends.trend_pictures import draw_columns, draw_counts
from hitcast.exploring.trends.versions import list_versions, tell_versions
from hitcast.exploring.trends.word_trends import rising_words, tell_words, words_in_words
from hitcast.exploring.words import heading, told
from hitcast.tables.lakehouse import Lakehouse

# COMMAND ----------

# DBTITLE 1,Which table
dbutils.widgets.text("use_case", "spotify", "Use case: a file in conf/")
dbutils.widgets.text("home", "", "Folder of all state (empty: HITCAST_HOME, else here)")
dbutils.widgets.text("catalog", "", "Catalog of the tables (empty: the home folder)")
dbutils.widgets.text("schema", "", "Schema in that catalog")
dbutils.widgets.text("versions", "12", "Newest versions to look at")

# COMMAND ----------

use_case = load_use_case(dbutils.widgets.get("use_case"))
home = open_home(
    dbutils.widgets.get("home"), dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
)
lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
gold = lakehouse.gold
versions = list_versions(gold, most=number_or(dbutils.widgets.get("versions"), 12))
subject = open_subject(gold, use_case)
displayHTML(heading(f"{use_case.title}: {subject.note}") + told(*subject.warning))
display(versions)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Version by version
# MAGIC
# MAGIC `all` is the table as it stood, which is what a training on that version saw. `arrived` are
# MAGIC the rows alone that were new or changed in that version: there a change shows first.

# COMMAND ----------

trends = tell_versions(gold, use_case, list(versions["version"]))
displayHTML(told(*trends_in_words(trends, use_case, subject.noun)))
display(trends)

# COMMAND ----------

# MAGIC %md
# MAGIC ## In pictures
# MAGIC
# MAGIC A line needs two points: with one version there is nothing to draw yet.

# COMMAND ----------

if len(versions) > 1:
    display(draw_counts(trends, use_case, subject.note))
    if subject.numbers:
        display(draw_columns(trends, use_case, subject.note))
        display(moved_most(trends, use_case))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Words
# MAGIC
# MAGIC Of texts that are read word by word: how long they are, how many different words they have,
# MAGIC and which words rise from the first version to the last, class by class.

# COMMAND ----------

numbers = list(versions["version"])
words, rising = tell_words(gold, use_case, numbers), rising_words(gold, use_case, numbers)
if use_case.texts:
    displayHTML(told(*words_in_words(words, rising, subject.noun)))
    display(words)
    display(rising)

# COMMAND ----------

# MAGIC %md
# MAGIC ## How good were the extracts?
# MAGIC
# MAGIC Each extract is judged by gates before it goes further than bronze, and how many lines broke
# MAGIC each rule is counted. A new set of rules counts again what is in: of two points of one date
# MAGIC the second shows other rules, of two dates another extract. Where there are several sources,
# MAGIC each point names its own, and an extract is compared with the last one of the same source.

# COMMAND ----------

quality = tell_quality(lakehouse.quality)
displayHTML(told(*quality_in_words(quality)))
display(quality)
if len(quality.drop_duplicates(["number", "rule_set"])) > 1:
    display(draw_quality(quality, subject.note))
