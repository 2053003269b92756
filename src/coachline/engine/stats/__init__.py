"""Shared mathematics: arrays in, arrays out; it knows no facts."""
