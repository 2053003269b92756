"""Whom to train in what, when, and whether it worked."""
