"""Group, centres, teams, agents; who holds which role where, and whom they may see."""
