"""Who works when: what comes, whom it takes, rosters of named people, and why they look so."""
