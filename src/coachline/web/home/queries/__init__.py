"""What the first page and the pages of analyses read."""
