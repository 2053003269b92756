"""The hierarchical model: crossed and nested effects, low-rank interaction and cell noise, on sufficient statistics of cells."""
