# Databricks notebook source
# MAGIC %md
# MAGIC # 2 · Which model is best, and by how much?
# MAGIC
# MAGIC A dashboard of the runs that MLflow keeps. A training is one run: it searches each family
# MAGIC of models, refits the best of each, registers the winner as a version and judges it against
# MAGIC the one in production.
# MAGIC
# MAGIC This notebook compares what is there. Set the widget `train` to *yes* to train first.

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
from hitcast.exploring.runs.contest import (
    champion_and_challenger,
    families_in_words,
    pair_in_words,
    same_test_rows,
    trainings_in_words,
)
from hitcast.exploring.runs.trainings import finished, importances, tell_trainings
from hitcast.exploring.runs.trial_pictures import draw_families, draw_parameters
from hitcast.exploring.runs.trials import best_of_families, tell_trials, with_written_parameters
from hitcast.exploring.runs.version_pictures import draw_importances, draw_pair
from hitcast.exploring.words import heading, told
from hitcast.models.registry import Registry
from hitcast.models.tracking import read_runs
from hitcast.training.options import build_options
from hitcast.training.trainer import train

# COMMAND ----------

# DBTITLE 1,Which runs
dbutils.widgets.text("use_case", "spotify", "Use case: a file in conf/")
dbutils.widgets.text("home", "", "Folder of all state (empty: HITCAST_HOME, else here)")
dbutils.widgets.text("catalog", "", "Catalog of tables and models (empty: the home folder)")
dbutils.widgets.text("schema", "", "Schema in that catalog")
dbutils.widgets.text("model", "", "Registered model (empty: called as the use case)")
dbutils.widgets.text("experiment", "", "MLflow's experiment (empty: called as the use case)")
dbutils.widgets.dropdown("train", "no", ["no", "yes"], "Train first?")
dbutils.widgets.text("candidates", "", "Families to train (empty: all), with blanks between")
dbutils.widgets.text("trials", "", "Trials of each family (empty: as in conf/)")
dbutils.widgets.text("folds", "", "Folds (empty: as in conf/)")

# COMMAND ----------

use_case = load_use_case(dbutils.widgets.get("use_case"))
home = open_home(
    dbutils.widgets.get("home"),
    dbutils.widgets.get("catalog"),
    dbutils.widgets.get("schema"),
    dbutils.widgets.get("model"),
    dbutils.widgets.get("experiment"),
)
if dbutils.widgets.get("train") == "yes":
    options = build_options(
        use_case,
        candidates=dbutils.widgets.get("candidates").split(),
        trials=number_or(dbutils.widgets.get("trials")),
        folds=number_or(dbutils.widgets.get("folds")),
    )
    train(spark, use_case, home, options)

# COMMAND ----------

# MAGIC %md
# MAGIC ## All trainings
# MAGIC
# MAGIC One row a training, newest first. `cv` is the metric that candidates are compared by, as
# MAGIC mean over the folds, `cv_sd` its standard deviation; `test_…` are measured once, on rows
# MAGIC that no fit has seen.

# COMMAND ----------

runs = read_runs(home, home.experiment(use_case.name))
versions = Registry(home, home.model(use_case.name)).versions()
trainings = tell_trainings(runs, versions, use_case)
trials = tell_trials(runs, trainings, use_case)
displayHTML(told(*trainings_in_words(trainings, trials, use_case)))
display(trainings)

# COMMAND ----------

# MAGIC %md
# MAGIC ## The families of the newest training
# MAGIC
# MAGIC Diamonds are each family's best trial, their arms one standard deviation over the folds.
# MAGIC Arms that overlap widely say: with other folds the order might be another.

# COMMAND ----------

newest = finished(trainings, use_case)
best = best_of_families(trials, newest["run_id"])
displayHTML(told(*families_in_words(best, use_case)))
display(draw_families(trials, best, use_case))
display(with_written_parameters(best))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What did the parameters do?
# MAGIC
# MAGIC All trials on the same rows, from whichever training. A slope says that a parameter
# MAGIC matters; a cloud says that others matter more, or that there are too few trials to tell.

# COMMAND ----------

searched = draw_parameters(trials, best, use_case)
if searched is not None:
    display(searched)
display(with_written_parameters(trials))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Champion and challenger
# MAGIC
# MAGIC The champion is the version in production. The challenger is the one in staging, or else
# MAGIC the newest other version.

# COMMAND ----------

pair = champion_and_challenger(trainings)
displayHTML(told(*pair_in_words(pair, use_case)))
if not pair.empty:
    display(draw_pair(pair, use_case, same_test_rows(pair)))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What does the champion look at?
# MAGIC
# MAGIC Each column of the test rows is shuffled in turn; what the metric loses is how much the
# MAGIC model leans on that column. Columns that tell the same share their importance.

# COMMAND ----------

if not pair.empty:
    champion = pair.iloc[0]
    lost = importances(runs, champion["run_id"])
    displayHTML(heading(f"Version {champion['version']}, trained on {champion['rows']} rows"))
    display(draw_importances(lost, champion, use_case))
    display(lost.rename_axis("column").reset_index())
