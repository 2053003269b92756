"""Rosters for named people: from facts to a request, from a request to the solver, and back into tables."""
