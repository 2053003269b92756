"""Who may teach, and when."""

from __future__ import annotations

from coachline.engine.training.plan.draft import Draft
from coachline.engine.training.plan.request import Bools, Request


def trainer_licensed(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """Only who may teach the business of a session teaches it."""
    teach &= request.licensed[:, number, None]


def trainer_at_work(request: Request, number: int, come: Bools, teach: Bools, starts: Bools) -> None:
    """A trainer teaches within the own shift."""
    halves = request.sessions[number].halves
    for k, person in enumerate(request.trainers):
        teach[k] &= request.attends(person, halves)


def trainer_free(draft: Draft) -> None:
    """A trainer teaches one session at a time."""
    for k in range(len(draft.request.trainers)):
        taught = [(number, teaches[k]) for number, teaches in enumerate(draft.teaches) if k in teaches]
        if len(taught) > 1:
            draft.model.add_no_overlap(draft.interval(number, there, draft.request.sessions[number].halves) for number, there in taught)


def trainer_not_taught(draft: Draft) -> None:
    """Who is trained in one session teaches neither that session nor another one meanwhile."""
    request = draft.request
    for k, person in enumerate(request.trainers):
        learns = [
            (number, comes[session.members.index(person)])
            for number, (session, comes) in enumerate(zip(request.sessions, draft.comes, strict=True))
            if person in session.members
        ]
        for number, learning in learns:
            for other, teaches in enumerate(draft.teaches):
                if k not in teaches:
                    continue
                if other == number:
                    draft.model.add_at_most_one(learning, teaches[k])
                else:
                    stretches = ((number, learning), (other, teaches[k]))
                    draft.model.add_no_overlap(draft.interval(n, there, request.sessions[n].halves) for n, there in stretches)
