"""The first page of every role, and every analysis of the table of contents."""
