"""Peers of the capability fit, each as its own manual would use it."""
