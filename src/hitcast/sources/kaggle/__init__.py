"""A file of a Kaggle dataset, downloaded through the public calls of Kaggle's own client.

The client (package `kaggle`) signs in, prints and may exit while it is imported, so it is imported
in `sign_in` only, when a download starts.
"""
