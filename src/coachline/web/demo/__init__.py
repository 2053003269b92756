"""A centre to try everything on: its users, and its files through the same upload as everybody's."""
