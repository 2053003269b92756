"""Mixed-integer solvers sometimes give up on a programme, for numerical reasons; whoever asks them must be able to go on without an answer."""

from __future__ import annotations

from collections.abc import Callable

from ortools.math_opt.python import mathopt


def attempted(solve: Callable[[], mathopt.SolveResult]) -> mathopt.SolveResult | None:
    """What `solve` gives; None where the solver failed.

    Parameters
    ----------
    solve : callable
        Calls a solver.
    """
    try:
        return solve()
    except (RuntimeError, AttributeError):
        # MathOpt says that a solver failed by an error of its own, and stumbles over an attribute that this has not while it turns it into a RuntimeError.
        return None
