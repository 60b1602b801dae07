"""What notebooks call: small tables made by Spark, sentences made from them, and pictures.

Notebooks import from here and define nothing. Whatever a sentence or a title claims is computed
from the table at hand; generated rows are called generated everywhere.
"""
