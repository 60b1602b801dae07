"""What the Batch page is made of: a file, its lines and cells, their scoring, the results."""
