"""Ways to compare trained people with others, the best first, one file each; they know counts and no facts."""
