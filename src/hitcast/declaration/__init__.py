"""What a file of `conf/` may say: columns, sections, candidates, and the use case they make."""
