"""Why a roster is as it is: why this person then, what each rule costs, which rules leave somebody without a roster, and whom nobody can serve."""
