"""Satisfaction against resolution, agent by agent: who satisfies without resolving, how sure that is, and what foretells repeat calls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from coachline.engine.capability.correlation import POLITE_UNSOLVED
from coachline.engine.capability.quadrants import NOT_SURE, QUADRANTS
from coachline.engine.result import Result
from coachline.report.blocks import Block, Column, Paragraph, Picture, Row, Table
from coachline.report.chapter import Chapter, Desk, Need, NothingToShow
from coachline.report.pictures import short

NEED = Need("capability.correlation")

MOST_AGENTS = 1_000
"""Drawn are those with most rated calls: beyond, dots hide each other."""

CORNERS = ("resolved_unsatisfied", "both_above", "both_below", POLITE_UNSOLVED)
"""Upper left, upper right, lower left, lower right."""

SURE_ORDER = (POLITE_UNSOLVED, "both_below", "resolved_unsatisfied", "both_above", NOT_SURE)


def build(desk: Desk) -> Sequence[Block]:
    result = desk.result(NEED)
    rows = [row for row in result.table("agents").to_pylist() if row["quadrant"] != "unknown"]
    if not rows:
        raise NothingToShow("report.why.no_quality_pair")
    blocks: list[Block] = [Paragraph(_answer(desk, result.values)), _scatter(desk, rows, result.values)]
    pairs = _one_of_each(result.table("correlation").to_pylist())
    predictions = result.table("prediction").to_pylist()
    if pairs:
        blocks.append(_relations(desk, pairs, _height(pairs, predictions)))
    if predictions:
        blocks.append(_predictions(desk, result, predictions, _height(pairs, predictions)))
    else:
        whys = [note for note in result.notes if note.code in ("repeats_not_known", "prediction_needs_two_months")]
        blocks += [Paragraph(desk.terms.said("note", note.code, note.facts), "quiet") for note in whys]
    return blocks


def _answer(desk: Desk, values: Mapping[str, Any]) -> str:
    """The figures of R33 in a sentence, and how many of the last ones are more than luck."""
    words, show = desk.words, desk.show
    above, unresolved = values["above_mean_satisfaction"], values["above_satisfaction_below_resolution"]
    if not above:
        return words(
            "report.service_quality.nobody_above", agents=show.count(values["agents"]), satisfaction=show.share(values["mean_satisfaction"])
        )
    return words(
        "report.service_quality.answer",
        agents=show.count(values["agents"]),
        above=show.count(above),
        share_above=show.share(values["share_above"], values["agents"]),
        satisfaction=show.share(values["mean_satisfaction"]),
        unresolved=show.count(unresolved),
        share_of_above=show.share(values["share_of_above"], above),
        resolution=show.share(values["mean_resolution"]),
        surely=show.count(values["surely_satisfied_unresolved"]),
    )


def _scatter(desk: Desk, rows: Sequence[dict[str, Any]], values: Mapping[str, Any]) -> Picture:
    words, show = desk.words, desk.show
    title = words("report.service_quality.title")
    drawn = sorted(rows, key=lambda row: -row["rated"])[:MOST_AGENTS]
    counts = {code: sum(row["quadrant"] == code for row in rows) for code in CORNERS}
    sure = {code: sum(row["sure_quadrant"] == code for row in rows) for code in CORNERS}
    spec = {
        "kind": "quadrants",
        "axes": [words("measure.satisfaction"), words("measure.resolution")],
        "means": [short(values["mean_satisfaction"]), short(values["mean_resolution"])],
        "corners": [
            [
                words(f"quadrant.{code}"),
                words("report.service_quality.corner", count=show.count(counts[code]), sure=show.count(sure[code])),
            ]
            for code in CORNERS
        ],
        "points": [_point(desk, row) for row in drawn],
    }
    caption = words("report.service_quality.caption")
    if len(drawn) < len(rows):
        caption += words("report.service_quality.cut", shown=show.count(len(drawn)), total=show.count(len(rows)))
    return Picture(title, spec, _table(desk, rows, title), height=440, wide=True, caption=caption)


def _point(desk: Desk, row: Mapping[str, Any]) -> dict[str, Any]:
    words, show = desk.words, desk.show
    sure = row["sure_quadrant"] in QUADRANTS.values()
    tip = [str(row["agent_id"])]
    for measure, cases in (("satisfaction", "rated"), ("resolution", "resolved_known")):
        tip.append(
            words(
                "report.service_quality.tip",
                measure=words(f"measure.{measure}"),
                value=show.share(row[measure], row[cases]),
                n=show.count(row[cases]),
                low=show.share(row[f"{measure}_low"]),
                high=show.share(row[f"{measure}_high"]),
            )
        )
    tip.append(f"{words('quadrant.' + row['quadrant'])} {show.share(row['quadrant_probability'])}")
    return {
        "at": [short(row["satisfaction"]), short(row["resolution"])],
        "x": [short(row["satisfaction_low"]), short(row["satisfaction_high"])],
        "y": [short(row["resolution_low"]), short(row["resolution_high"])],
        "sure": sure,
        "look": row["sure_quadrant"] == POLITE_UNSOLVED,
        "chance": short(row["quadrant_probability"] or 0.0),
        "tip": tip,
    }


def _table(desk: Desk, rows: Sequence[dict[str, Any]], title: str) -> Table:
    """The sure ones first, those that satisfy without resolving at the head; within a group by number, nobody is ranked."""
    words, show = desk.words, desk.show
    heads = [
        Column(words("column.agent_id"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("satisfaction", "rated", "resolution", "resolved_known", "inspection")),
        Column(words("column.quadrant"), figure=False),
        Column(words("column.quadrant_probability")),
        Column(words("column.sure_quadrant"), figure=False),
        Column(words("column.quadrant_adjusted"), figure=False),
    ]
    place = {code: number for number, code in enumerate(SURE_ORDER)}
    cells = [
        Row(
            [
                str(row["agent_id"]),
                show.share(row["satisfaction"], row["rated"]),
                show.count(row["rated"]),
                show.share(row["resolution"], row["resolved_known"]),
                show.count(row["resolved_known"]),
                show.number(row["inspection"]),
                words(f"quadrant.{row['quadrant']}"),
                show.share(row["quadrant_probability"]),
                words(f"quadrant.{row['sure_quadrant']}"),
                words(f"quadrant.{row['quadrant_adjusted']}"),
            ],
            mark=row["sure_quadrant"] == POLITE_UNSOLVED,
        )
        for row in sorted(rows, key=lambda row: (place.get(row["sure_quadrant"], len(place)), str(row["agent_id"])))
    ]
    return Table.of(title, heads, cells)


def _one_of_each(pairs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of every pair of measures the row with the mix of businesses taken out, where there is one."""
    found = {(row["measure"], row["other"]): row for row in sorted(pairs, key=lambda row: bool(row["adjusted"]))}
    return [found[key] for key in dict.fromkeys((row["measure"], row["other"]) for row in pairs)]


def _height(*pictures: Sequence[object]) -> int:
    """The two pictures of correlations stand side by side, so they get the same height."""
    return 90 + 50 * max(len(rows) for rows in pictures)


def _relations(desk: Desk, pairs: Sequence[dict[str, Any]], height: int) -> Picture:
    words, show = desk.words, desk.show
    names = [
        words("report.service_quality.pair", one=words(f"measure.{row['measure']}"), other=words(f"measure.{row['other']}"))
        for row in pairs
    ]
    heads = [
        Column(words("report.service_quality.pairs"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("pearson", "correlation")),
        Column(words("report.service_quality.interval")),
        Column(words("column.verdict"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("reliability", "reliability_other", "agents")),
    ]
    cells = [
        [
            name,
            show.number(row["pearson"], 2),
            *_true(desk, row),
            words(f"verdict.{row['verdict']}"),
            show.number(row["reliability"], 2),
            show.number(row["reliability_other"], 2),
            show.count(row["agents"]),
        ]
        for name, row in zip(names, pairs, strict=True)
    ]
    title = words("report.service_quality.relations")
    reliabilities = {row["measure"]: row["reliability"] for row in pairs} | {row["other"]: row["reliability_other"] for row in pairs}
    listed = desk.terms.listed(f"{words(f'measure.{m}')} {show.number(value, 2)}" for m, value in reliabilities.items())
    caption = words("report.service_quality.relations_caption", reliabilities=listed)
    if any(row["adjusted"] for row in pairs):
        caption += words("report.service_quality.same_mix")
    return Picture(title, _drawn(desk, names, pairs), Table.of(title, heads, cells), height=height, caption=caption)


def _predictions(desk: Desk, result: Result, rows: Sequence[dict[str, Any]], height: int) -> Picture:
    words, show = desk.words, desk.show
    names = [words(f"measure.{row['measure']}") for row in rows]
    heads = [
        Column(words("column.measure"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("pearson", "correlation")),
        Column(words("report.service_quality.interval")),
        Column(words("column.verdict"), figure=False),
        *(Column(words(f"column.{name}")) for name in ("out_of_sample_r2", "reliability_next", "pairs")),
    ]
    cells = [
        [
            name,
            show.number(row["pearson"], 2),
            *_true(desk, row),
            words(f"verdict.{row['verdict']}"),
            show.number(row["out_of_sample_r2"], 2),
            show.number(row["reliability_next"], 2),
            show.count(row["pairs"]),
        ]
        for name, row in zip(names, rows, strict=True)
    ]
    best = result.values["best_predictor"]
    found = {row["measure"]: row for row in rows}
    if best is None:
        caption = words("report.service_quality.foretold_by_none")
    else:
        tried = found[str(best)]["out_of_sample_r2"]
        caption = words("report.service_quality.foretold", measure=words(f"measure.{best}"))
        if tried is not None:
            caption += words("report.service_quality.tried_out", share=show.share(max(tried, 0.0), 100))
    title = words("report.service_quality.foretells")
    return Picture(title, _drawn(desk, names, rows), Table.of(title, heads, cells), height=height, caption=caption)


def _true(desk: Desk, row: Mapping[str, Any]) -> tuple[str, str]:
    """The correlation without chance and its interval, or words where the data say nothing."""
    if row["verdict"] == NOT_SURE:
        return desk.words("report.too_few"), desk.show.unknown
    return desk.show.number(row["correlation"], 2), f"{desk.show.number(row['low'], 2)} – {desk.show.number(row['high'], 2)}"


def _drawn(desk: Desk, names: Sequence[str], rows: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    words, show = desk.words, desk.show
    drawn = []
    for name, row in zip(names, rows, strict=True):
        true, interval = _true(desk, row)
        told = row["verdict"] != NOT_SURE
        raw = [short(row[end]) for end in ("pearson", "pearson_low", "pearson_high")]
        drawn.append(
            {
                "name": name,
                "lines": [words(f"measure.{row[side]}") for side in ("measure", "other") if side in row],
                "raw": raw if raw[0] is not None else None,
                "better": [short(row[end]) for end in ("correlation", "low", "high")] if told else None,
                "tip": [
                    f"{words('column.pearson')} {show.number(row['pearson'], 2)}",
                    f"{words('column.correlation')} {true}" + (f" ({interval})" if told else ""),
                    words(f"verdict.{row['verdict']}"),
                ],
            }
        )
    return {
        "kind": "relations",
        "axis": words("report.service_quality.axis"),
        "raw": words("column.pearson"),
        "better": words("column.correlation"),
        "rows": drawn,
    }


CHAPTER = Chapter("service_quality", (NEED,), build)
