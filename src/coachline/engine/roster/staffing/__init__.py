"""How many people a service target takes, by business and half-hour."""
