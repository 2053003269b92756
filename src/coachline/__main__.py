"""``python -m coachline`` is the command line."""

from coachline.cli import main

main()
