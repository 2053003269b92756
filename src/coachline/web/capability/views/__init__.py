"""The pages of capability. Each shows stored results; none calculates."""
