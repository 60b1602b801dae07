"""Delta tables, in a folder or in a catalog's schema, and where a use case's tables live."""
