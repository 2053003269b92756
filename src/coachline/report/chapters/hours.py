"""Hours of every person against the monthly cap, training and meetings included."""

from __future__ import annotations

from collections.abc import Sequence

from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.chapter import Chapter, Desk, Need, NothingToShow
from coachline.report.pictures import short

MOST_PEOPLE = 60


def build(desk: Desk) -> Sequence[Block]:
    words, show = desk.words, desk.show
    rows = desk.result("operations.hours").table().to_pylist()
    if not rows:
        raise NothingToShow("report.why.no_hours")
    months = sorted({row["month"] for row in rows})
    caps = {row["cap_h"] for row in rows if row["cap_h"] is not None}
    cap = show.number(max(caps), 0) if caps else show.unknown
    over = [row for row in rows if (row["over_h"] or 0) > 0]
    blocks: list[Block] = [
        Paragraph(
            words("report.hours.over", cap=cap, count=len(over), people=len({r["agent_id"] for r in over}))
            if over
            else words("report.hours.none_over", cap=cap)
        )
    ]
    # The month that says most: the last one in which somebody is over, else the last one.
    month = max((row["month"] for row in over), default=months[-1])
    people = sorted((row for row in rows if row["month"] == month), key=lambda row: (-(row["counted_h"] or 0), str(row["agent_id"])))
    parts = ("work_h", "training_h", "meeting_h", "leave_h", "counted_h", "over_h")
    heads = [Column(words("column.agent_id"), figure=False), *(Column(words(f"column.{part}")) for part in parts)]
    cells = [Row([str(p["agent_id"]), *(show.number(p[part]) for part in parts)], mark=(p["over_h"] or 0) > 0) for p in people]
    title = words("report.hours.title", month=_month(month))
    shown = people[:MOST_PEOPLE]
    spec = {
        "kind": "columns",
        "names": [str(p["agent_id"]) for p in shown],
        "values": [short(p["counted_h"] or 0.0) for p in shown],
        "limit": short(max(caps)) if caps else 0,
        "limit_label": words("report.hours.cap", cap=cap),
        "axis": words("report.hours.axis"),
    }
    caption = (
        words("report.hours.caption")
        if len(people) <= MOST_PEOPLE
        else words("report.hours.caption_cut", shown=MOST_PEOPLE, total=len(people))
    )
    blocks.append(
        Picture(
            title, spec, Table.of(title, heads, cells), height=280, wide=True, min_width=min(620, 40 + 14 * len(shown)), caption=caption
        )
    )
    return blocks


def _month(month: object) -> str:
    return str(month)[:7]


CHAPTER = Chapter("hours", (Need("operations.hours"),), build)
