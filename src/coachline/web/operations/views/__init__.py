"""Pages of running figures and alerts. Each shows the last stored results; none calculates."""
