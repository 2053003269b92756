"""Quality inspection: who is to be heard, what the scores are worth, and what the items of the form tell."""
