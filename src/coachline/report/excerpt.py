"""The chapters about one analysis, to look at in a notebook."""

from __future__ import annotations

import html
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from coachline.engine.analyses import ANALYSES
from coachline.errors import CoachlineError
from coachline.report.chapter import Desk, KnownFacts, Run
from coachline.report.chapters import CHAPTERS
from coachline.report.files import into, put
from coachline.report.finding import finding, particulars
from coachline.report.page import page
from coachline.report.writer import sections
from coachline.wording import Wording

HEIGHT = 720
"""CSS pixels of the frame in a notebook."""


@dataclass(frozen=True)
class Excerpt:
    """Charts and tables as one page; shows itself in a notebook."""

    page: str

    def _repr_html_(self) -> str:
        # A frame of its own: neither side's styles and scripts meet the other's.
        return f'<iframe srcdoc="{html.escape(self.page)}" style="width:100%;height:{HEIGHT}px;border:0" sandbox="allow-scripts"></iframe>'

    def save(self, out: Path | str) -> Path:
        """Write the page to a file.

        Raises
        ------
        CoachlineError
            ``report_not_writable``, ``report_disk_full``.
        """
        target = Path(out)
        with into(target.parent) as scratch:
            (scratch / "page").write_text(self.page, encoding="utf-8")
            put(scratch / "page", target)
        return target


def excerpt(
    run: Run,
    facts: KnownFacts,
    analysis: str,
    *,
    title: str,
    since: date | None = None,
    until: date | None = None,
    language: str | None = None,
) -> Excerpt:
    """Everything that the report draws from `analysis`.

    Parameters
    ----------
    run, facts, title, since, until, language
        As in `coachline.report.writer.write_report`.
    analysis : str
        Its name in the table of contents.

    Raises
    ------
    CoachlineError
        ``unknown_analysis``; ``nothing_to_show`` with the reason; ``echarts_missing``.
    """
    if analysis not in ANALYSES:
        raise CoachlineError("unknown_analysis", name=analysis, known=", ".join(ANALYSES))
    words = Wording(language)
    desk = Desk(run, facts, words, since, until, datetime.now(facts.zone))
    chapters = [chapter for chapter in CHAPTERS if analysis in {need.analysis for need in chapter.needs}]
    built = sections(desk, chapters)
    if not built:
        reasons = " ".join(dict.fromkeys(left.why for left in desk.left_out))
        raise CoachlineError("nothing_to_show", analysis=analysis, reasons=reasons or "-")
    text = page(
        title=words("report.title", title=title),
        finding=finding(desk),
        facts=particulars(desk),
        sections=built,
        passports=frozenset(),
        words=words,
        stores=desk.stores,
    )
    return Excerpt(text)
