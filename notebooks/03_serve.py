# Databricks notebook source
# MAGIC %md
# MAGIC # 3 · Ask the model
# MAGIC
# MAGIC The model answers over HTTP. This notebook asks it as any program would: about one row,
# MAGIC about many at once, and what would be if one input were another.
# MAGIC
# MAGIC | widget `kind` | what is asked |
# MAGIC |---|---|
# MAGIC | `api` | Hitcast's own API: `make serve`, or `make run`, in another terminal |
# MAGIC | `invocations` | what Databricks or `mlflow models serve` serves, at `…/invocations` |

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
from hitcast.exploring.endpoint.answers import answers_in_words, read_answer
from hitcast.exploring.endpoint.asked import answered_rows, note_of, read_row, some_rows
from hitcast.exploring.endpoint.client import Endpoint
from hitcast.exploring.endpoint.what_if import (
    choose_input,
    sweep,
    swings,
    usual_ranges,
    what_if_in_words,
)
from hitcast.exploring.endpoint.what_if_pictures import draw_swings, draw_what_if
from hitcast.exploring.parameters import open_home
from hitcast.exploring.subject import open_subject
from hitcast.exploring.words import heading, told
from hitcast.tables.lakehouse import Lakehouse

# COMMAND ----------

# DBTITLE 1,Which endpoint
dbutils.widgets.text("use_case", "spotify", "Use case: a file in conf/")
dbutils.widgets.text("url", "http://127.0.0.1:8000", "Address of the endpoint")
dbutils.widgets.dropdown("kind", "api", ["api", "invocations"], "Kind of endpoint")
dbutils.widgets.text("key", "", "Its key; better: a secret's scope and name")
dbutils.widgets.text("scope", "", "Scope of the secret that holds the key")
dbutils.widgets.text("secret", "", "Name of that secret")
dbutils.widgets.text("row", "", "The row to ask about, as JSON (empty: the use case's example)")
dbutils.widgets.text("input", "", "The number to move (empty: what moves the answer most)")
dbutils.widgets.text("home", "", "Folder of all state (empty: HITCAST_HOME, else here)")
dbutils.widgets.text("catalog", "", "Catalog of the tables (empty: the home folder)")
dbutils.widgets.text("schema", "", "Schema in that catalog")

# COMMAND ----------

use_case = load_use_case(dbutils.widgets.get("use_case"))
key = dbutils.widgets.get("key")
if dbutils.widgets.get("scope"):
    key = dbutils.secrets.get(dbutils.widgets.get("scope"), dbutils.widgets.get("secret"))
endpoint = Endpoint(dbutils.widgets.get("url"), dbutils.widgets.get("kind"), key)
home = open_home(
    dbutils.widgets.get("home"), dbutils.widgets.get("catalog"), dbutils.widgets.get("schema")
)
lakehouse = Lakehouse(spark, home.lakehouse, use_case.name, home.schema)
subject = open_subject(lakehouse.gold, use_case) if lakehouse.gold.exists() else None
row = read_row(dbutils.widgets.get("row"), use_case, subject)

# COMMAND ----------

# MAGIC %md
# MAGIC ## One row
# MAGIC
# MAGIC The shortest answer first: the class alone. Then all that the endpoint tells of it. Where
# MAGIC `conf/` has no example, the row is one of gold.

# COMMAND ----------

display(pd.DataFrame([row]))
answer = endpoint.ask(row)
display(pd.DataFrame([answer]))
detail = endpoint.ask(row, detail=True)
note = note_of(endpoint, detail)
displayHTML(told(*answers_in_words(detail, use_case, note)))
display(pd.json_normalize(detail))

# COMMAND ----------

# MAGIC %md
# MAGIC ## What if?
# MAGIC
# MAGIC One call with a few hundred rows: each differs from the row above in one input. A quantity
# MAGIC is moved through the range that most rows of gold lie in (through its legal range where
# MAGIC there is no gold table), a category through all its values; what has neither stays as it is.

# COMMAND ----------

stands = read_answer(detail, use_case)
ranges = usual_ranges(use_case, subject)
if len(ranges):
    swept = sweep(endpoint, row, ranges, use_case, stands)
    column = choose_input(dbutils.widgets.get("input"), swept, use_case)
    displayHTML(told(*what_if_in_words(swept, column, stands, use_case)))
    display(draw_what_if(swept, column, row, stands, use_case, note))
    display(draw_swings(swept, use_case, stands, note))
    display(swings(swept))

# COMMAND ----------

# MAGIC %md
# MAGIC ## Rows whose outcome is known
# MAGIC
# MAGIC A few of each class from gold, asked about in one call. Most of them were training rows, so
# MAGIC this shows what answers look like, not how good the model is: that is in notebook 2.

# COMMAND ----------

if subject is not None:
    known = some_rows(subject, each=8)
    scored = answered_rows(endpoint, known, use_case)
    displayHTML(heading(f"{len(scored)} {subject.noun}, gold version {subject.version}"))
    display(scored)
