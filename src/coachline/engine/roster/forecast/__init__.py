"""Calls and handle time to come, per business and half-hour."""
