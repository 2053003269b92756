"""What the pages of capability read: stored results, never facts."""
