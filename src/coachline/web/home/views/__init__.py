"""The first page, and a page for every analysis."""
