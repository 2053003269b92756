"""Raising alerts, sending them, marking them as seen, and setting rules and channels."""
