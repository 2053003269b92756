"""How far the facts can be trusted: faults found in the loaded tables, and a profile of every column."""
