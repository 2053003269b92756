"""How stored estimates are drawn and put into words."""
