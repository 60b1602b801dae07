# Databricks notebook source
# MAGIC %md
# MAGIC # 1 · What is in the table?
# MAGIC
# MAGIC A look at the gold table before anything is trained: how large the classes are, what the
# MAGIC numbers look like, which values go with which class, what moves together, what is missing.
# MAGIC
# MAGIC Spark counts, the pictures are drawn from the counts: a table of a million rows is no
# MAGIC slower to draw than one of a thousand. **Every sentence with a figure in it is computed
# MAGIC from the table at hand**, so it holds for yours as well.

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
from hitcast.exploring.parameters import open_home
from hitcast.exploring.subject import open_subject
from hitcast.exploring.table.balance import balance_in_words, count_classes, count_label
from hitcast.exploring.table.bins import count_bins, gaps
from hitcast.exploring.table.categories import (
    categories_in_words,
    count_categories,
    draw_categories,
)
from hitcast.exploring.table.correlation_pictures import (
    draw_correlations,
    draw_correlations_by_class,
)
from hitcast.exploring.table.correlation_words import classes_in_words, correlations_in_words
from hitcast.exploring.table.correlations import (
    correlate,
    correlate_by_class,
    with_label_columns,
)
from hitcast.exploring.table.distribution_pictures import draw_missing, draw_numbers
from hitcast.exploring.table.group_pictures import draw_by_number, draw_by_text
from hitcast.exploring.table.group_words import numbers_in_order, texts_in_words
from hitcast.exploring.table.groups import label_by
from hitcast.exploring.table.label_pictures import draw_label
from hitcast.exploring.table.missing import (
    count_lines,
    count_missing,
    count_reasons,
    missing_in_words,
)
from hitcast.exploring.table.numbers import numbers_in_words, summarize
from hitcast.exploring.words import heading, title_of, told
from hitcast.tables.lakehouse import Lakehouse

# COMMAND ----------

# DBTITLE 1,Which table
dbutils.widgets.text("use_case", "spotify", "Use case: a file in conf/")
dbutils.widgets.text("home", "", "Folder of all state (empty: HITCAST_HOME, else here)")
dbutils.widgets.text("catalog", "", "Catalog of the tables (empty: the home folder)")
dbutils.widgets.text("schema", "", "Schema in that catalog")

# COMMAND ----------

use_case = load_use_case(dbutils.widgets.get("use_case"))
home = open_home(
    dbutils.widgets.get("home"), dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
)
lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
subject = open_subject(lakehouse.gold, use_case)
displayHTML(heading(f"{use_case.title}: {subject.note}") + told(*subject.warning))

# COMMAND ----------

# MAGIC %md
# MAGIC ## How large are the classes?
# MAGIC
# MAGIC The rule that tells classes apart is a few words in `conf/`: a column at or above a value (a
# MAGIC dashed line shows where), one value of a column, or classes by their names.

# COMMAND ----------

classes = count_classes(subject)
label_bins = count_label(subject)
displayHTML(told(*balance_in_words(subject, classes)))
display(draw_label(subject, classes, label_bins))
display(classes)

# COMMAND ----------

# MAGIC %md
# MAGIC ## How are the numbers distributed?
# MAGIC
# MAGIC A panel for each quantity, the one that tells the classes apart best comes first. All shapes
# MAGIC have the same area, however few the rows of a class are. One value in 200 lies beyond either
# MAGIC end; those are counted in the outermost bars.

# COMMAND ----------

if subject.numbers:
    summary = summarize(subject, subject.numbers)
    bins = count_bins(subject, subject.numbers, summary)
    displayHTML(told(*numbers_in_words(subject, summary, bins)))
    display(draw_numbers(subject, summary, bins))
    display(summary)

# COMMAND ----------

# MAGIC %md
# MAGIC ## And the categories?
# MAGIC
# MAGIC Whole numbers that stand for something: nothing lies between two of them. What counts is the
# MAGIC share of each class's rows that have a value.

# COMMAND ----------

if subject.categories:
    by_category = count_categories(subject, subject.categories)
    displayHTML(told(*categories_in_words(subject, by_category)))
    display(draw_categories(subject, by_category))
    display(by_category)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Who is at the top?
# MAGIC
# MAGIC Texts, what the use case compares by (`profiles.by` in `conf/`) first. The bars on the
# MAGIC left are 95 % intervals: where two of them overlap widely, which of the two is ahead may be
# MAGIC chance. Of more classes than two, each value shows their shares.

# COMMAND ----------

for by_column in subject.texts:
    by_text = label_by(subject, by_column)
    displayHTML(
        heading(f"{subject.label.name} by {title_of(by_column)}")
        + told(*texts_in_words(subject, by_column, by_text))
    )
    display(draw_by_text(subject, by_column, by_text))
    display(by_text)

# COMMAND ----------

# MAGIC %md
# MAGIC ## And over the context?
# MAGIC
# MAGIC Context are the numbers that say something of the circumstances, not of the thing itself.

# COMMAND ----------

for column in subject.context:
    by_number = label_by(subject, column)
    displayHTML(
        heading(f"{subject.label.name} by {title_of(column)}")
        + told(*numbers_in_order(subject, column, by_number))
    )
    display(draw_by_number(subject, column, by_number))
    display(by_number)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What moves together?
# MAGIC
# MAGIC Quantities alone, with each other and with the label: with its own column where that is a
# MAGIC quantity, else with a column that is 1 in a class and 0 elsewhere. Of more than 16 those are
# MAGIC shown that tell the classes apart best.

# COMMAND ----------

if subject.numbers:
    best = [use_case.column(name) for name in gaps(bins).index[:16]]
    shown = subject.numbers if len(subject.numbers) == len(best) else best
    labelled, label_columns = with_label_columns(subject, classes)
    matrix = correlate(labelled, [*label_columns, *shown])
    displayHTML(told(*correlations_in_words(subject, matrix)))
    display(draw_correlations(subject, matrix))

# COMMAND ----------

# MAGIC %md
# MAGIC ## And within each class?
# MAGIC
# MAGIC The ten quantities that tell the classes apart best. What goes together in one class and not
# MAGIC in another tells them apart where no column does by itself.

# COMMAND ----------

if len(subject.numbers) > 1:
    telling = [use_case.column(name) for name in gaps(bins).index[:10]]
    by_class = correlate_by_class(subject, telling)
    displayHTML(told(*classes_in_words(subject, by_class)))
    display(draw_correlations_by_class(subject, by_class))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is missing?
# MAGIC
# MAGIC Lines that break a rule of `conf/` never reach gold: they stand in quarantine with every
# MAGIC reason.

# COMMAND ----------

missing = count_missing(subject)
reasons = count_reasons(lakehouse.quarantine)
lines = count_lines(lakehouse)
displayHTML(told(*missing_in_words(subject, missing, reasons, lines)))
gaps_picture = draw_missing(subject, missing, reasons)
if gaps_picture is not None:
    display(gaps_picture)
display(missing)
display(reasons)
