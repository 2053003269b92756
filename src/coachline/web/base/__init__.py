"""What every page shares: the frame, wording, refusals, lists, downloads, the open centre."""
