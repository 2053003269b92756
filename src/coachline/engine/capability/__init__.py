"""What people can do: from counts per person and business to estimates with their uncertainty."""
