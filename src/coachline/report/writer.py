"""Runs the chapters and writes the page and the workbook."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from coachline.report.chapter import Chapter, Desk, KnownFacts, LeftOut, NothingToShow, Run
from coachline.report.chapters import CHAPTERS
from coachline.report.files import into, put
from coachline.report.finding import finding, particulars
from coachline.report.page import Section, page, require_echarts
from coachline.report.workbook import write_workbook
from coachline.wording import Wording


@dataclass(frozen=True)
class ReportFiles:
    """Where the report lies, and what it does not contain."""

    html: Path
    xlsx: Path
    left_out: tuple[LeftOut, ...]


def write_report(
    run: Run,
    facts: KnownFacts,
    out: Path,
    *,
    title: str,
    since: date | None = None,
    until: date | None = None,
    language: str | None = None,
) -> ReportFiles:
    """Everything that the facts allow, as one HTML page and a workbook beside it.

    Parameters
    ----------
    run : callable
        ``run(name, **parameters) -> Result``, bound to the centre's facts.
    facts : Facts
        The same facts: which tables there are, and the zone.
    out : Path
        The page; ``.html`` is added where it is missing. The workbook gets the same name with ``.xlsx``.
    title : str
        Heading of the page, e.g. the centre's name.
    since, until : date, optional
        First and last local day; without them, all that was loaded.
    language : str, optional
        ``zh`` or ``en``; default as everywhere, Chinese.

    Raises
    ------
    CoachlineError
        ``echarts_missing``, ``report_not_writable``, ``report_disk_full``, or what an analysis says of bad parameters.
    """
    require_echarts()
    out = Path(out)
    html = out if out.suffix.lower() in (".html", ".htm") else out.with_name(out.name + ".html")
    xlsx = html.with_suffix(".xlsx")
    words = Wording(language)
    desk = Desk(run, facts, words, since, until, datetime.now(facts.zone))
    with into(html.parent) as scratch:
        built = sections(desk, CHAPTERS)
        text = page(
            title=words("report.title", title=title),
            finding=finding(desk),
            facts=particulars(desk),
            sections=built,
            passports=frozenset(desk.units),
            words=words,
            stores=desk.stores,
        )
        (scratch / "page").write_text(text, encoding="utf-8")
        write_workbook(scratch / "workbook.xlsx", desk.all_results, words, facts.zone)
        put(scratch / "workbook.xlsx", xlsx)
        put(scratch / "page", html)
    return ReportFiles(html, xlsx, tuple(desk.left_out))


def sections(desk: Desk, chapters: Sequence[Chapter]) -> list[Section]:
    """The chapters that the facts allow; the others are entered in the list of what is left out."""
    built = []
    for chapter in chapters:
        try:
            blocks = chapter.blocks(desk)
        except NothingToShow as nothing:
            desk.leave_out(desk.words(f"report.chapter.{chapter.code}"), desk.words(nothing.code, **nothing.facts))
        else:
            if blocks:
                built.append(Section(chapter.code, blocks))
    return built
