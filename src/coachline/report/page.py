"""The report as one HTML page that carries everything inside itself."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from coachline.errors import CoachlineError
from coachline.report.blocks import Block, OurWord, Picture
from coachline.wording import Wording

_HERE = Path(__file__).parent
ECHARTS = "echarts.min.js"
_DRAWING = (
    ECHARTS, "charts.js", "elements.js", "trend.js", "heat.js", "bars.js", "quality.js",
    "capability.js", "pages.js", "matrix.js", "strips.js", "strip_tables.js", "agent_pages.js", "business_pages.js", "changes.js",
    "estimates.js", "registered.js", "ahead.js",
)  # fmt: skip
_BLOCKS = ("tiles.css", "tables.css", "pictures.css", "matrix.css", "profile.css", "print.css")
SCRIPTS = (*_DRAWING, "page.js")
STYLES = ("theme.css", "blocks.css", "page.css", *_BLOCKS)
WEB_SCRIPTS = (*_DRAWING, "web.js")
"""Assets that a page of the web application loads in this order, deferred or at its end, to draw a `Fragment`."""
WEB_STYLES = ("theme.css", "blocks.css", *_BLOCKS)
"""Style sheets of a `Fragment`; all but the colours in ``theme.css`` apply below an element of class ``report`` only."""
_OPEN = {
    name: f"{{{name}}}"
    for name in ("size", "n", "low", "high", "value", "outcome", "business", "first", "last", "total", "name", "standard")
}
"""Placeholders that the page itself fills in later."""
TOOLTIP_WORDS = (
    "points", "unknown", "n", "usual", "unusual", "change", "too_few", "seconds", "hours", "grades",
    "outcome", "agent", "business", "estimate", "never_seen", "guessed", "standard", "below", "certainty",
    "worse", "better", "at_standard", "legend", "previous", "next", "not_here", "agent_head", "business_head",
    "to_practise", "how_to_practise", "how_to_share", "remedy_up", "remedy_down", "fault", "nothing_to_practise", "more", "strong_in", "strength", "strength_figures", "no_strength",
    "every_outcome", "every_business", "every_agent", "difficulty", "with_interval", "on_own_calls", "counted", "not_judged", "alike", "rank", "rank_one",
    "show_all", "outcome_name", "strip_name", "estimate_name", "verdict_name", "difficulty_name",
    "estimate_key", "unsure_key", "peers_key", "others_key", "middle_key", "standard_key",
    "months_of_agent", "months_of_business", "months_key", "no_months", "no_months_of_index",
    "surely_strong", "surely_below", "nobody", "people", "separator",
)  # fmt: skip


@dataclass(frozen=True)
class Section:
    """A chapter that was built."""

    code: str
    blocks: Sequence[Block]

    @property
    def rows(self) -> list[list[Block]]:
        """The blocks as they stand below each other: narrow pictures in pairs, everything else alone."""
        rows: list[list[Block]] = []
        for block in self.blocks:
            narrow = isinstance(block, Picture) and not block.wide
            if narrow and rows and len(rows[-1]) == 1 and isinstance(rows[-1][0], Picture) and not rows[-1][0].wide:
                rows[-1].append(block)
            else:
                rows.append([block])
        return rows


@dataclass(frozen=True)
class Fragment:
    """Chapters drawn as part of a page.

    Attributes
    ----------
    html : str
        The blocks. They belong below an element of class ``report``.
    data : str
        JSON that can stand in ``<script type="application/json" id="report-data">`` as it is, with the blocks or in an element around them.
    """

    html: str
    data: str

    def __html__(self) -> str:
        """Both, in an element of their own: what a template writes that is given a fragment."""
        return f'<div class="report">{self.html}{self.script}</div>'

    @property
    def script(self) -> Markup:
        """The element that carries the data."""
        # JSON in which no character can open or close an element.
        return Markup(f'<script type="application/json" id="report-data">{self.data}</script>')  # noqa: S704


def fragment(
    sections: Sequence[Section],
    *,
    words: Wording,
    passports: frozenset[str],
    passport_link: str = "#passport-{metric}",
    links: Mapping[str, str] = MappingProxyType({}),
    stores: Mapping[str, Any] = MappingProxyType({}),
    headings: bool = True,
) -> Fragment:
    """Sections as part of a page, with everything that draws their pictures.

    Parameters
    ----------
    sections : sequence of Section
    words : Wording
    passports : frozenset of str
        Metrics that have a passport to link to.
    passport_link : str
        Where the passport of ``{metric}`` is.
    links : Mapping
        ``agent`` and ``business`` to where the page of ``{name}`` is. Without them names lead to pages inside the same page.
    stores : Mapping
        Data from which several pictures draw, by name.
    headings : bool
        Whether each section has its title and is a link target; without, the titles of the blocks are a level higher.
    """
    pictures = [block for section in sections for block in section.blocks if isinstance(block, Picture)]
    numbers = {id(picture): number for number, picture in enumerate(pictures)}
    data = {
        "words": spoken(words),
        "links": dict(links),
        "pictures": [picture.spec for picture in pictures],
        "stores": dict(stores),
    }

    def is_name(cell: str) -> bool:
        return bool(cell) and not isinstance(cell, OurWord)

    def name_address(kind: str | None, name: str) -> str | None:
        pattern = links.get(kind) if kind is not None and is_name(name) else None
        return None if pattern is None else pattern.replace("{name}", quote(name, safe=""))

    html: str = _template("sections.html.j2").render(
        sections=sections,
        headings=headings,
        title="h3" if headings else "h2",
        passports=passports,
        words=words,
        number=lambda picture: numbers[id(picture)],
        passport_address=lambda metric: passport_link.replace("{metric}", quote(metric, safe="")),
        is_name=is_name,
        name_address=name_address,
    )
    return Fragment(html, embedded(data))


def spoken(words: Wording) -> dict[str, str]:
    """What scripts say: ``coachline.words``."""
    return {name: words(f"report.tip.{name}", **_OPEN) for name in TOOLTIP_WORDS}


def page(
    *,
    title: str,
    finding: str,
    facts: Sequence[tuple[str, str]],
    sections: Sequence[Section],
    passports: frozenset[str],
    words: Wording,
    stores: Mapping[str, Any] = MappingProxyType({}),
) -> str:
    """The whole page as HTML.

    Parameters
    ----------
    title, finding : str
        Heading, and the one sentence that says what was found.
    facts : sequence of (str, str)
        Name and value of what stands under it: as-of time, period, volume.
    sections : sequence of Section
    passports : frozenset of str
        Metrics that have a row to link to.
    words : Wording
    stores : Mapping
        Data from which several pictures draw, by name.

    Raises
    ------
    CoachlineError
        ``echarts_missing``.
    """
    drawn = fragment(sections, words=words, passports=passports, stores=stores)
    style, scripts = "\n".join(_asset(name) for name in STYLES), [_asset(name) for name in SCRIPTS]
    html: str = _template("page.html.j2").render(
        title=title,
        finding=finding,
        facts=facts,
        sections=sections,
        words=words,
        policy=_policy(scripts, style),
        # Our own files, and what our own templates have written.
        style=Markup(style),  # noqa: S704
        scripts=[Markup(script) for script in scripts],  # noqa: S704
        body=Markup(drawn.html),  # noqa: S704
        data=drawn.script,
    )
    return html


def require_echarts() -> None:
    """Make sure, before the work begins, that there will be something to draw with.

    Raises
    ------
    CoachlineError
        ``echarts_missing``.
    """
    _asset(ECHARTS)


def embedded(data: Mapping[str, Any]) -> str:
    """JSON that can stand inside a script element: no name in it can end the element or open markup."""
    text = json.dumps(data, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    for character in "<>&\u2028\u2029":
        text = text.replace(character, f"\\u{ord(character):04x}")
    return text


def _policy(scripts: Sequence[str], style: str) -> str:
    """Forbids every connection, and every script and style but those that were put here."""
    allowed = " ".join(map(_hash, scripts))
    return f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE / "templates"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )


def _template(name: str) -> Any:
    return _environment().get_template(name)


@cache
def _asset(name: str) -> str:
    file = _HERE / "assets" / name
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        if name == ECHARTS:
            raise CoachlineError("echarts_missing", file=str(file)) from None
        raise
    assert not re.search("</(script|style)", text, re.IGNORECASE), name
    return text
