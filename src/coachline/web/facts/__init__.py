"""Files in, rows to look at, and what is wrong with them; the only writer of the lake."""
