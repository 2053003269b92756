"""Groups formed across teams, and mentors with their apprentices."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Heading, Paragraph
from coachline.report.chapter import Desk, Need, NothingToShow
from coachline.report.chapters.training_needs import NEEDS
from coachline.report.chosen_columns import chosen_columns
from coachline.report.remarks import remarks

GROUPS = Need("training.groups")
MOST_GROUPS, MOST_PAIRS = 20, 15
SESSIONS = ("group", "business", "method", "hours", "people", "teams", "gain", "gain_per_hour")
PAIRS = ("agent_id", "mentor_id", "business", "outcome", "estimate", "mentor_estimate", "overlap", "gain", "reason")


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(GROUPS)
    sessions, pairs = result.polars("sessions"), result.polars("mentors")
    if sessions.is_empty() and pairs.is_empty():
        raise NothingToShow("report.training.no_groups")
    found: list[Block] = [Heading(words("report.training.groups_title"))]
    if not sessions.is_empty():
        caption = words(
            "report.training.groups_caption",
            groups=show.count(sessions.height),
            places=show.count(float(sessions["people"].sum())),
            across=show.count(sessions.filter(sessions["teams"] > 1).height),
        )
        title = words("report.training.groups_table")
        found += [
            Paragraph(caption),
            chosen_columns(desk, GROUPS.analysis, "sessions", sessions.head(MOST_GROUPS), SESSIONS, title, sessions.height),
        ]
    if not pairs.is_empty():
        title = words("report.training.mentors_table")
        found.append(chosen_columns(desk, GROUPS.analysis, "mentors", pairs.head(MOST_PAIRS), PAIRS, title, pairs.height))
    needs = desk.maybe(NEEDS)
    said = () if needs is None else tuple(note.code for note in needs.notes)
    return [*found, *remarks(desk, result, but=said)]
