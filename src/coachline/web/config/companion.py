"""Ending together with the process that started this one, even where that is killed."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

VARIABLE = "COACHLINE_END_WITH"
PR_SET_PDEATHSIG = 1


def end_with_parent() -> None:
    """Be asked to end as soon as the parent is gone, where the parent wishes it by its number in ``COACHLINE_END_WITH``."""
    parent = os.environ.pop(VARIABLE, "")
    if not parent or sys.platform != "linux":
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != int(parent):
        # It was quicker.
        os.kill(os.getpid(), signal.SIGTERM)
