"""Rosters by column generation and large-neighbourhood search; knows nothing of calls."""
