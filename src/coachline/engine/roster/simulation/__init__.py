"""A roster tried out before it is worked: every call played, with skills, priorities and impatience."""
