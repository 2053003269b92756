"""Measurements beside peers; see `make bench`."""
