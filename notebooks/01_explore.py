# Databricks notebook source
# MAGIC %md
# MAGIC # 1 · What is in the table?
# MAGIC
# MAGIC A look at the gold table before anything is trained: how rare the positive class is, what
# MAGIC the numbers look like, who is at the top, what moves together, what is missing.
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
from hitcast.exploring.table.bins import count_bins
from hitcast.exploring.table.correlations import correlate, correlations_in_words
from hitcast.exploring.table.distribution_pictures import (
    draw_correlations,
    draw_label,
    draw_missing,
    draw_numbers,
)
from hitcast.exploring.table.group_pictures import draw_by_number, draw_by_text
from hitcast.exploring.table.groups import label_by, numbers_in_order, texts_in_words
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
# MAGIC ## How rare is the positive class?
# MAGIC
# MAGIC The rule that makes a row positive is one line in `conf/`: a column at or above a value.
# MAGIC The dashed line shows where it cuts.

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
# MAGIC A panel for each numeric column, the one that tells the two classes apart best comes first.
# MAGIC Both shapes have the same area, however few the positive rows are. One value in 200 lies
# MAGIC beyond either end; those are counted in the outermost bars.

# COMMAND ----------

summary = summarize(subject.rows, subject.numbers)
bins = count_bins(subject.rows, subject.numbers, summary)
displayHTML(told(*numbers_in_words(subject, summary, bins)))
display(draw_numbers(subject, summary, bins))
display(summary)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Who is at the top?
# MAGIC
# MAGIC The column that the use case compares by (`profiles.by` in `conf/`). The bars on the left
# MAGIC are 95 % intervals: where two of them overlap widely, which of the two is ahead may be
# MAGIC chance.

# COMMAND ----------

if use_case.profiles is not None:
    by_column = use_case.column(use_case.profiles.by)
    by_text = label_by(subject.rows, by_column, subject.label)
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
    by_number = label_by(subject.rows, column, subject.label)
    displayHTML(
        heading(f"{subject.label.name} by {title_of(column)}")
        + told(*numbers_in_order(subject, column, by_number))
    )
    display(draw_by_number(subject, column, by_number))
    display(by_number)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What moves together?

# COMMAND ----------

matrix = correlate(subject.rows, [subject.label, *subject.numbers])
displayHTML(told(*correlations_in_words(subject, matrix)))
display(draw_correlations(subject, matrix))

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
