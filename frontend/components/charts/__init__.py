"""Charts of one row and its answer, each with its text alternative."""
