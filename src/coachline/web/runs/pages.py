"""Pages that are drawn from stored results: chapters of the report, each page with its verb."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from coachline.report.chapter import Chapter
from coachline.report.chapters import CHAPTERS

_BY_CODE = {chapter.code: chapter for chapter in CHAPTERS}


@dataclass(frozen=True)
class ResultPage:
    """A page made of chapters of the report.

    Parameters
    ----------
    code : str
        ``slice.page``; ``web.page.<code>`` is its title.
    verb : str
        Who may see it.
    chapters : tuple of str
        Codes of the chapters, in order.
    spans : tuple of str
        Codes of `days.SPANS` that are calculated each night beside the whole of what was loaded.
    tells_last_day : bool
        Whether what moved on the last day stands above it.
    """

    code: str
    verb: str
    chapters: tuple[str, ...]
    spans: tuple[str, ...] = ()
    tells_last_day: bool = False

    @property
    def parts(self) -> Sequence[Chapter]:
        return [_BY_CODE[code] for code in self.chapters]


PAGES: dict[str, ResultPage] = {}


def enter(*pages: ResultPage) -> None:
    """Make pages known, so that they are calculated each night; called when the application starts."""
    PAGES.update({page.code: page for page in pages})
