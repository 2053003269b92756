"""Effects of a treatment: comparisons that are fair although those treated were not drawn by lot."""
