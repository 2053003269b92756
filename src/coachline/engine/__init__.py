"""The engine: tables, sources, lake, compute, analyses. It knows no web framework, no user and no sentence in any language."""
