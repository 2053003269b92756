"""The hierarchical model of capability: crossed and nested effects, low-rank interaction and cell noise, on sufficient statistics."""
