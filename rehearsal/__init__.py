"""A rehearsal of the Databricks bundle without a workspace: check it, plan a job, run its tasks.

`python -m rehearsal --target dev --job weekly` from the folder that has the bundle.
"""
