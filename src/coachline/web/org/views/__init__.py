"""Pages of the organisation and its users."""
