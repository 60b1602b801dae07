"""The inference log: what each answer's line holds, the files that lines go to."""
