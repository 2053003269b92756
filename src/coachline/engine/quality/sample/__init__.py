"""Which calls are listened to, by whom, and what that can tell: every call with a known chance."""
