"""Who is good at what: matrix, agents, businesses, weak cells, correlation."""
