"""A serving endpoint of Databricks: which version it serves, and whether it answers right."""
