"""People who sign in: users, roles and their verbs, tokens."""
