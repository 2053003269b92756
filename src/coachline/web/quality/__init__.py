"""Inspection: samples, scores, inspectors, audits, items, mystery calls."""
