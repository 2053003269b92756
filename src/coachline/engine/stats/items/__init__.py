"""Item response theory: how hard test items are, how well they tell people apart, and how able people are."""
