"""What the pages of running figures read beside the chapters of the report."""
