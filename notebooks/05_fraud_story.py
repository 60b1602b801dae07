# Databricks notebook source
# MAGIC %md
# MAGIC # 5 · The story of one model
# MAGIC
# MAGIC From the table to an answer over HTTP, in one piece: a class so rare that accuracy says
# MAGIC nothing, amounts, hours, what is missing, correlations within each class, principal
# MAGIC components; then what the model gets, which families and parameters were tried, what was
# MAGIC measured, how fast it answers, and an answer.
# MAGIC
# MAGIC It is told of card fraud. The widgets `use_case`, `amount` and `seconds` make it another
# MAGIC story; what it calls is the same that notebooks 1 to 4 call.

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

import pandas as pd

from hitcast.declaration.loading import load_use_case
from hitcast.exploring.endpoint.answers import answers_in_words
from hitcast.exploring.endpoint.asked import answered_rows, note_of, read_row, some_rows
from hitcast.exploring.endpoint.client import Endpoint
from hitcast.exploring.parameters import number_or, open_home
from hitcast.exploring.runs.contest import families_in_words, trainings_in_words
from hitcast.exploring.runs.dashboard import dashboard_page, save_dashboard
from hitcast.exploring.runs.measured import metrics_in_words, tell_metrics
from hitcast.exploring.runs.timing import time_side_by_side, timing_in_words
from hitcast.exploring.runs.trainings import finished, importances, tell_trainings
from hitcast.exploring.runs.trial_pictures import draw_families, draw_parameters
from hitcast.exploring.runs.trials import best_of_families, tell_trials, with_written_parameters
from hitcast.exploring.runs.version_pictures import draw_importances
from hitcast.exploring.subject import open_subject
from hitcast.exploring.table.balance import balance_in_words, count_classes, count_label
from hitcast.exploring.table.bins import count_bins, gaps
from hitcast.exploring.table.components import (
    components_in_words,
    draw_components,
    find_components,
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
from hitcast.exploring.table.group_pictures import draw_by_number
from hitcast.exploring.table.group_words import numbers_in_order
from hitcast.exploring.table.groups import label_by
from hitcast.exploring.table.hours import with_hours
from hitcast.exploring.table.inputs import inputs_in_words, tell_inputs
from hitcast.exploring.table.label_pictures import draw_label
from hitcast.exploring.table.missing import (
    count_lines,
    count_missing,
    count_reasons,
    missing_in_words,
)
from hitcast.exploring.table.numbers import numbers_in_words, summarize
from hitcast.exploring.words import heading, told
from hitcast.models.registry import Registry
from hitcast.models.tracking import read_runs
from hitcast.running.session import has_jvm
from hitcast.tables.lakehouse import Lakehouse
from hitcast.training.options import build_options
from hitcast.training.trainer import train

# COMMAND ----------

# DBTITLE 1,Which story
dbutils.widgets.text("use_case", "fraud", "Use case: a file in conf/")
dbutils.widgets.text("amount", "Amount", "A quantity to look at by itself (empty: none)")
dbutils.widgets.text("seconds", "Time", "A column of seconds, for the hours (empty: none)")
dbutils.widgets.text("home", "", "Folder of all state (empty: HITCAST_HOME, else here)")
dbutils.widgets.text("catalog", "", "Catalog of tables and models (empty: the home folder)")
dbutils.widgets.text("schema", "", "Schema in that catalog")
dbutils.widgets.text("model", "", "Registered model (empty: called as the use case)")
dbutils.widgets.text("experiment", "", "MLflow's experiment (empty: called as the use case)")
dbutils.widgets.dropdown("train", "no", ["no", "yes"], "Train first?")
dbutils.widgets.text("candidates", "", "Families to train (empty: all), with blanks between")
dbutils.widgets.text("trials", "", "Trials of each family (empty: as in conf/)")
dbutils.widgets.text("folds", "", "Folds (empty: as in conf/)")
dbutils.widgets.text("url", "", "Address of the endpoint (empty: nobody is asked)")
dbutils.widgets.dropdown("kind", "api", ["api", "invocations"], "Kind of endpoint")
dbutils.widgets.text("key", "", "Its key; better: a secret's scope and name")
dbutils.widgets.text("scope", "", "Scope of the secret that holds the key")
dbutils.widgets.text("secret", "", "Name of that secret")

# COMMAND ----------

use_case = load_use_case(dbutils.widgets.get("use_case"))
home = open_home(
    dbutils.widgets.get("home"),
    dbutils.widgets.get("catalog"),
    dbutils.widgets.get("schema"),
    dbutils.widgets.get("model"),
    dbutils.widgets.get("experiment"),
)
lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
subject = open_subject(lakehouse.gold, use_case)
displayHTML(heading(f"{use_case.title}: {subject.note}") + told(*subject.warning))

# COMMAND ----------

# MAGIC %md
# MAGIC ## How rare is it?

# COMMAND ----------

classes = count_classes(subject)
balance = balance_in_words(subject, classes)
balance_picture = draw_label(subject, classes, count_label(subject))
displayHTML(told(*balance))
display(balance_picture)
display(classes)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Amounts
# MAGIC
# MAGIC Both shapes have the same area, however rare one class is. One value in 200 lies beyond
# MAGIC either end; those are counted in the outermost bars.

# COMMAND ----------

if dbutils.widgets.get("amount"):
    amounts = [use_case.column(dbutils.widgets.get("amount"))]
    amount_summary = summarize(subject, amounts)
    amount_bins = count_bins(subject, amounts, amount_summary)
    display(draw_numbers(subject, amount_summary, amount_bins))
    display(amount_summary)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Hours
# MAGIC
# MAGIC The hour of the day, where the seconds are counted from some midnight on. Intervals hold the
# MAGIC truth 19 times of 20: where they overlap widely, a higher share may be chance.

# COMMAND ----------

if dbutils.widgets.get("seconds"):
    by_clock, hour = with_hours(subject, dbutils.widgets.get("seconds"))
    by_hour = label_by(by_clock, hour)
    displayHTML(told(*numbers_in_order(by_clock, hour, by_hour)))
    display(draw_by_number(by_clock, hour, by_hour))
    display(by_hour)

# COMMAND ----------

# MAGIC %md
# MAGIC ## What is missing?

# COMMAND ----------

missing = count_missing(subject)
reasons = count_reasons(lakehouse.quarantine)
displayHTML(told(*missing_in_words(subject, missing, reasons, count_lines(lakehouse))))
gaps_picture = draw_missing(subject, missing, reasons)
if gaps_picture is not None:
    display(gaps_picture)

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which quantities tell the classes apart?

# COMMAND ----------

summary = summarize(subject, subject.numbers)
bins = count_bins(subject, subject.numbers, summary)
displayHTML(told(*numbers_in_words(subject, summary, bins)))
display(draw_numbers(subject, summary, bins))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What moves together, in all and within each class?

# COMMAND ----------

labelled, label_columns = with_label_columns(subject, classes)
telling = [use_case.column(name) for name in gaps(bins).index[:12]]
matrix = correlate(labelled, [*label_columns, *telling])
by_class = correlate_by_class(subject, telling)
displayHTML(told(*correlations_in_words(subject, matrix), *classes_in_words(subject, by_class)))
display(draw_correlations(subject, matrix))
display(draw_correlations_by_class(subject, by_class))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Rows in a plane
# MAGIC
# MAGIC Principal components: directions in which rows differ most. Classes that lie apart here can
# MAGIC be told apart by a line; those that do not may still be, by other means.

# COMMAND ----------

components = find_components(subject, subject.numbers)
displayHTML(told(*components_in_words(subject, components)))
display(draw_components(subject, components))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What does the model get?

# COMMAND ----------

displayHTML(told(*inputs_in_words(use_case)))
display(tell_inputs(use_case))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Which models were tried?
# MAGIC
# MAGIC Set the widget `train` to *yes* to train first. Diamonds are each family's best trial, their
# MAGIC arms one standard deviation over the folds.

# COMMAND ----------

if dbutils.widgets.get("train") == "yes":
    options = build_options(
        use_case,
        candidates=dbutils.widgets.get("candidates").split(),
        trials=number_or(dbutils.widgets.get("trials")),
        folds=number_or(dbutils.widgets.get("folds")),
    )
    train(spark, use_case, home, options)
registry = Registry(home, home.model(use_case.name))
runs = read_runs(home, home.experiment(use_case.name))
trainings = tell_trainings(runs, registry.versions(), use_case)
trials = tell_trials(runs, trainings, use_case)
newest = finished(trainings, use_case)
best = best_of_families(trials, newest["run_id"])
won = [*trainings_in_words(trainings, trials, use_case), *families_in_words(best, use_case)]
families_picture = draw_families(trials, best, use_case)
displayHTML(told(*won))
display(families_picture)
display(with_written_parameters(best))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What did tuning find?

# COMMAND ----------

searched = draw_parameters(trials, best, use_case)
if searched is not None:
    display(searched)
display(with_written_parameters(trials))

# COMMAND ----------

# MAGIC %md
# MAGIC ## How good is it?
# MAGIC
# MAGIC Measured once, on rows that no fit has seen. Where a class is rare, accuracy is high for any
# MAGIC model; precision and recall depend on the threshold, the area under their curve does not.

# COMMAND ----------

measured = tell_metrics(newest, use_case)
verdict = metrics_in_words(newest, use_case)
displayHTML(told(*verdict))
display(measured)
lost = importances(runs, newest["run_id"])
importance_picture = draw_importances(lost, newest, use_case)
display(importance_picture)

# COMMAND ----------

# MAGIC %md
# MAGIC ## How fast is it?
# MAGIC
# MAGIC The same rows by Spark's pipeline and by the portable scorer, which is what serves: both say
# MAGIC the same. On serverless compute Spark's pipelines can't be loaded for that.

# COMMAND ----------

timing_words = ["This session has no JVM: Spark's pipelines are not timed."]
timing_table = pd.DataFrame()
if has_jvm(spark):
    timed = time_side_by_side(subject, home, registry, registry.version(int(newest["version"])))
    timing_words, timing_table = timing_in_words(timed), timed.table
displayHTML(told(*timing_words))
display(timing_table)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The runs, on one page
# MAGIC
# MAGIC Kept as an artifact of the experiment: a run called *dashboard* has the page.

# COMMAND ----------

page = dashboard_page(
    f"{use_case.title}: trainings compared",
    [
        told(*subject.warning, *balance),
        balance_picture,
        heading("All trainings"),
        told(*won),
        trainings.drop(columns=["reason", "run_id"]),
        families_picture,
        *([searched] if searched is not None else []),
        heading("The newest one"),
        told(*verdict),
        measured,
        importance_picture,
        heading("How fast it answers"),
        told(*timing_words),
        timing_table,
    ],
)
dashboard_run = save_dashboard(home, home.experiment(use_case.name), page)
displayHTML(told(f"The page is dashboard.html of the run {dashboard_run}."))

# COMMAND ----------

# MAGIC %md
# MAGIC ## An answer
# MAGIC
# MAGIC Over HTTP, about a row of the rare class, and about a few of each. Most of them were
# MAGIC training rows: this shows what answers look like, not how good the model is.

# COMMAND ----------

if dbutils.widgets.get("url"):
    key = dbutils.widgets.get("key")
    if dbutils.widgets.get("scope"):
        key = dbutils.secrets.get(dbutils.widgets.get("scope"), dbutils.widgets.get("secret"))
    endpoint = Endpoint(dbutils.widgets.get("url"), dbutils.widgets.get("kind"), key)
    row = read_row("", use_case, subject)
    detail = endpoint.ask(row, detail=True)
    displayHTML(told(*answers_in_words(detail, use_case, note_of(endpoint, detail))))
    display(pd.json_normalize(detail))
    display(answered_rows(endpoint, some_rows(subject, each=4), use_case))
