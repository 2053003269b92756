"""Work in the background: analyses and imports, their progress, log and results."""
