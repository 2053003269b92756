"""Cards about running figures: what moved, whose data cannot be trusted, where need and people part."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import polars as pl
from django.urls import reverse

from coachline.report.terms import Terms
from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words
from coachline.web.base.templatetags.say import figures
from coachline.web.home.cards.card import Card, Line, seen
from coachline.web.operations.queries.alerts import unseen_by
from coachline.web.operations.wording import sentence
from coachline.web.org.models import Centre
from coachline.web.org.queries import perspective
from coachline.web.runs import queries
from coachline.web.runs.drawing import draw
from coachline.web.runs.pages import PAGES

SHOWN = 4
SILENT_DAYS = 2
"""A centre without a call for longer than this has stopped sending data."""


def moved(user: Any) -> Card | None:
    """What moved on the last day, and why: the sentence of the daily report."""
    page = PAGES["operations.daily"]
    if not user.has_perm(page.verb):
        return None
    drawn = draw(page, perspective(user, page.verb))
    say = words()
    if not drawn.finding:
        return Card("moved", [Line(say("web.home.no_figures"))], reverse("operations:daily"), say("web.menu.daily"))
    return Card("moved", [Line(drawn.finding)], reverse("operations:daily"), say("web.menu.daily"), drawn.as_of)


def alerts(user: Any) -> Card | None:
    """Alerts that the reader has not seen; nothing where there are none."""
    unseen = unseen_by(user)
    count = unseen.count()
    if not count:
        return None
    say = words()
    lines = [Line(sentence(alert, say), reverse("operations:alert", args=[alert.pk]), look=True) for alert in unseen[:SHOWN]]
    if count > SHOWN:
        lines.append(Line(say("web.home.more_alerts", count=count - SHOWN), reverse("operations:alerts")))
    return Card("alerts", lines, reverse("operations:alerts"), say("web.menu.alerts"))


def untrusted(user: Any) -> Card | None:
    """Faults of the data that harm results."""
    found = seen(user, "facts.quality")
    if found is None:
        return None
    say, terms = words(), Terms(words())
    grave = found.rows("issues").filter(pl.col("severity").is_in(["high", "medium"])).head(SHOWN)
    lines = [
        Line(
            say(
                "web.home.issue",
                where=terms.table(row["table"]),
                column=terms.column(row["table"], row["column"]) if row["column"] else "",
                what=say(f"issue.{row['issue']}"),
                rows=figures().count(row["rows"]),
            ),
            look=row["severity"] == "high",
        )
        for row in grave.to_dicts()
    ]
    return Card(
        "untrusted", lines or [Line(say("web.home.data_fine"))], reverse("facts:quality"), say("web.menu.desk"), found.run.finished_at
    )


def mystery_rank(user: Any) -> Card | None:
    """Where mystery calls put the own centre, as a range."""
    found = seen(user, "quality.mystery")
    if found is None or found.result.values.get("own_rank") is None:
        return None
    values, say = found.result.values, words()
    text = say(
        "web.home.mystery", month=values["own_month"], low=values["own_rank_low"], high=values["own_rank_high"], centres=values["centres"]
    )
    return Card("mystery_rank", [Line(text)], _result(found.run), say("web.home.see_result"), found.run.finished_at)


def centres_side_by_side(user: Any) -> Card | None:
    """Each centre's connect rate on its last day, and whether it still sends data."""
    say, show = words(), figures()
    lines: list[Line] = []
    centres = list(Centre.objects.all())
    today = datetime.now(centre_settings().zone).date()
    for centre in centres:
        run = queries.latest("operations.daily", {}, centre if len(centres) > 1 else None)
        if run is None or not run.folder.exists():
            lines.append(Line(say("web.home.centre_unknown", centre=centre.name), look=True))
            continue
        rows = queries.result(run, perspective(user, "operations.view", centre.name)).polars().filter(pl.col("metric") == "connect_rate")
        known = rows.drop_nulls("value").sort("date")
        if known.is_empty():
            lines.append(Line(say("web.home.centre_unknown", centre=centre.name), look=True))
            continue
        last = known.row(-1, named=True)
        silent = (today - last["date"]) > timedelta(days=SILENT_DAYS)
        code = "web.home.centre_silent" if silent else "web.home.centre_rate"
        rate = show.share(last["value"], last["denominator"])
        link = f"{reverse('operations:daily')}?centre={centre.name}"
        lines.append(Line(say(code, centre=centre.name, day=show.day(last["date"]), rate=rate), link, silent))
    return Card("centres", lines or [Line(say("web.home.no_centres"))])


def need_and_people(user: Any) -> Card | None:
    """The intervals of the last day in which most callers waited longer than promised."""
    found = seen(user, "operations.intervals", by="none") or seen(user, "operations.intervals")
    if found is None:
        return None
    say, show = words(), figures()
    by_time = found.rows().group_by("starts_at").agg(pl.col("offered", "abandoned").sum())
    last = by_time.filter(pl.col("starts_at").dt.date() == pl.col("starts_at").dt.date().max())
    worst = last.filter(pl.col("abandoned") > 0).sort("abandoned", "starts_at", descending=[True, False]).head(SHOWN)
    lines = [
        Line(
            say("web.home.slot", when=show.instant(row["starts_at"]), lost=show.count(row["abandoned"]), offered=show.count(row["offered"]))
        )
        for row in worst.to_dicts()
    ]
    link = reverse("operations:intervals")
    return Card("need_and_people", lines or [Line(say("web.home.no_lost_calls"))], link, say("web.menu.intervals"), found.run.finished_at)


def over_hours(user: Any) -> Card | None:
    """Who is rostered beyond the monthly hours."""
    found = seen(user, "operations.hours")
    if found is None:
        return None
    say, show = words(), figures()
    rows = found.rows()
    last = rows.filter(pl.col("month") == pl.col("month").max())
    over = last.filter(pl.col("over_h") > 0).sort("over_h", descending=True)
    lines = [
        Line(
            say("web.home.over_hours", count=over.height, people=last.height, month=last["month"][0] if last.height else ""),
            look=over.height > 0,
        )
    ]
    lines += [Line(say("web.home.over_by", agent=row["agent_id"], hours=show.number(row["over_h"]))) for row in over.head(SHOWN).to_dicts()]
    return Card("over_hours", lines, _result(found.run), say("web.home.see_result"), found.run.finished_at)


def _result(run: Any) -> str:
    return reverse("analyses:result", args=[run.name, run.pk])
