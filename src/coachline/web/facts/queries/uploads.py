"""Files on their way, and what the tables hold now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from django.core.cache import cache
from django.db.models import QuerySet

from coachline.engine.sources.mapping import Mapping as EngineMap
from coachline.engine.sources.mapping import draft
from coachline.engine.tables import TABLES
from coachline.web.accounts.permissions import require
from coachline.web.base.centre_folder import centre
from coachline.web.base.language import words
from coachline.web.facts.models import SavedMap, Upload

KEPT_S = 7 * 24 * 3600


def uploads(user: Any) -> QuerySet[Upload]:
    """Every upload: who may load data loads it for all.

    Raises
    ------
    NoPermission
    """
    require(user, "facts.upload")
    # What a list does not show is large.
    return Upload.objects.select_related("by", "run").defer("preview", "mapping", "reasons")


def upload(user: Any) -> QuerySet[Upload]:
    """The same with everything that the page of one of them shows.

    Raises
    ------
    NoPermission
    """
    require(user, "facts.upload")
    return Upload.objects.select_related("by", "run", "saved_map")


def saved_maps(user: Any) -> QuerySet[SavedMap]:
    """Maps that are remembered.

    Raises
    ------
    NoPermission
    """
    require(user, "facts.upload")
    return SavedMap.objects.select_related("by").defer("mapping")


def same_content(found: Upload) -> Upload | None:
    """An earlier upload of the very same bytes, a loaded one first."""
    others = list(Upload.objects.filter(sha256=found.sha256, at__lt=found.at).exclude(state=Upload.State.DISCARDED).defer("preview")[:20])
    return next((other for other in others if other.state == Upload.State.LOADED), others[0] if others else None)


@dataclass(frozen=True)
class Holding:
    """What one table holds.

    Attributes
    ----------
    days : (date, date) or None
        First and last local day; None for tables without time.
    loaded_at : datetime or None
        The newest commit, and ``file`` the name of what was loaded by it.
    """

    table: str
    rows: int
    days: tuple[date, date] | None
    loaded_at: datetime | None
    file: str


def holdings() -> list[Holding]:
    """Every table with what it holds now; looked at once for each version."""
    opened = centre()
    found = []
    snapshots = opened.lake.snapshots()
    for name, table in TABLES.items():
        snapshot = snapshots.get(name)
        if snapshot is None:
            found.append(Holding(name, 0, None, None, ""))
            continue
        key = f"facts.holding:{name}:{snapshot.version}:{hash(tuple(snapshot.files))}:{opened.settings.zone.key}"
        kept: Holding | None = cache.get(key)
        if kept is None:
            days = opened.facts().days(name, table.when) if table.when else None
            newest = next(iter(opened.lake.history(name)), None)
            at = datetime.fromtimestamp(newest.committed_at_ms / 1000, UTC) if newest else None
            kept = Holding(name, snapshot.rows, days, at, newest.what.get("loaded", "") if newest else "")
            cache.set(key, kept, KEPT_S)
        found.append(kept)
    return found


def map_file(found: Upload) -> str:
    """The map of a file as the command line takes it, with what it leaves open in comments."""
    say = words()
    given = EngineMap.of(found.preview.get("settled") or found.mapping) or EngineMap()
    layout = found.preview.get("layout") or {}
    given = EngineMap.of({**{k: v for k in ("encoding", "sheet", "header_row") if (v := layout.get(k))}, **given.as_dict()}) or given
    table = TABLES.get(found.table)
    free = [c.name for c in table.columns if c.name not in given.columns and c.name != "source"] if table else []
    labels = {c.name: f"{c.zh} / {c.en}" for c in table.columns} if table else {}
    sentences = {key: say(f"cli.draft.{key}") for key in ("head", "free", "unused")}
    return draft(given, found.preview.get("unknown") or [], free, {**labels, **sentences})


def word_choices(table: str, column: str) -> list[tuple[str, str]]:
    """What the words of a choice, a scale or a yes-or-no column can be turned into: value and how it is called."""
    kind: Any = TABLES[table].column(column).kind
    say = words()
    if not hasattr(kind, "words"):
        return [("true", say("web.base.yes")), ("false", say("web.base.no"))]
    pairs: Mapping[Any, Any] = dict(kind.words)
    chinese = say.language == "zh"
    return [
        (str(code), (f"{code} " if isinstance(code, int) else "") + (names[0] if chinese and names else "") or str(code))
        for code, names in pairs.items()
    ]
