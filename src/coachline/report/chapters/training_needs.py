"""Who should be trained on which business, by what is expected to be gained; and whom to look at first."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Heading, Paragraph
from coachline.report.chapter import Desk, Need
from coachline.report.chosen_columns import chosen_columns
from coachline.report.remarks import remarks

NEEDS = Need("training.needs")
MOST_NEEDS, MOST_LOOKS = 20, 10
SHOWN = ("agent_id", "business", "outcome", "estimate", "standard", "p_below", "volume", "gain", "method", "reason", "last_trained")
LOOKS = ("agent_id", "business", "outcome", "proposal", "reason", "volume", "p_below")
NEW = ("agent_id", "hired_on", "business", "share", "hours", "reason")


def answer(desk: Desk) -> str | None:
    """How many pairs are worth a training, and what all of it would gain."""
    result = desk.maybe(NEEDS)
    if result is None:
        return None
    values, words, show = result.values, desk.words, desk.show
    if not values["pairs"]:
        return words("report.training.nobody", agents=show.count(_number(values["agents_present"])))
    return words(
        "report.training.answer_needs",
        pairs=show.count(_number(values["pairs"])),
        agents=show.count(_number(values["agents"])),
        present=show.count(_number(values["agents_present"])),
        gain=show.count(_number(values["gain"])),
        days=show.count(_number(values["horizon_days"])),
    )


def blocks(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    result = desk.result(NEEDS)
    rows, looks, new = result.polars("needs"), result.polars("look_first"), result.polars("first_courses")
    found: list[Block] = []
    if not rows.is_empty():
        title = words("report.training.needs_table")
        found += [
            Heading(words("report.training.needs_title")),
            Paragraph(words("report.training.needs_caption")),
            chosen_columns(desk, NEEDS.analysis, "needs", rows.head(MOST_NEEDS), SHOWN, title, total=rows.height),
        ]
    if not looks.is_empty():
        title = words("report.training.looks_table", count=show.count(looks.height))
        found.append(chosen_columns(desk, NEEDS.analysis, "look_first", looks.head(MOST_LOOKS), LOOKS, title, total=looks.height))
    if not new.is_empty():
        title = words("report.training.new_table", people=show.count(new["agent_id"].n_unique()))
        found.append(chosen_columns(desk, NEEDS.analysis, "first_courses", new.head(MOST_NEEDS), NEW, title, total=new.height))
    return [*found, *remarks(desk, result)]


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
