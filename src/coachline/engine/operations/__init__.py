"""Running figures of a centre: what they are, how they moved, and where the movement came from."""
