"""Training sessions in time: who teaches whom, when and where, by rules that each have a code."""
