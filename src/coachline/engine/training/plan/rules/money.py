"""What training may cost."""

from __future__ import annotations

from coachline.engine.training.plan.draft import Draft


def budget(draft: Draft) -> None:
    """Hours of those trained, and money for them and the trainers, stay within what is given."""
    limits, sessions = draft.request.limits, draft.request.sessions
    # In half-hours, so that the sums are of whole numbers.
    halves = [round(2 * session.hours) for session in sessions]
    if limits.budget_hours is not None:
        spent = sum(halves[n] * sum(draft.comes[n]) for n in range(len(sessions)))
        draft.model.add(spent <= int(2 * limits.budget_hours + 1e-9))
    if limits.budget_money is not None:
        each, teaching = round(100 * limits.cost_per_hour), round(100 * limits.trainer_cost_per_hour)
        paid = sum(halves[n] * (each * sum(draft.comes[n]) + teaching * draft.held[n]) for n in range(len(sessions)))
        draft.model.add(paid <= int(200 * limits.budget_money + 1e-9))
