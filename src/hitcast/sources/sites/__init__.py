"""Rows from the pages of sites, or from their APIs: politely, and only where it is permitted."""
