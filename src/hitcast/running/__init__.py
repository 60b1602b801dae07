"""How a program runs, here and on Databricks: home, session, jobs, interrupts, task values.

Nothing is imported here: set-up runs `environment` before any package is installed.
"""
