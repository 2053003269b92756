"""The API: the routers of all slices under one address, tokens in place of sessions, refusals as JSON."""
