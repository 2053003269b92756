"""The one sentence at the head of the report, and the particulars under it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from coachline.report.chapter import CAUSES, DAILY, Desk, NothingToShow
from coachline.report.contributions import leading
from coachline.report.metrics import IMPORTANCE, Series


def finding(desk: Desk) -> str:
    """``接通率 96.8%,较前四周同日低 2.1 个百分点,主要来自业务「国际件查询」``."""
    words, show = desk.words, desk.show
    try:
        metrics = desk.metrics
    except NothingToShow as nothing:
        return words("report.finding.nothing", reason=words(nothing.code, **nothing.facts))
    last_day = metrics.last_day
    known = [series for series in metrics.several(*IMPORTANCE) if series.last is not None and series.last.day == last_day]
    if last_day is None or not known:
        return words("report.finding.no_figures")
    unusual = [series for series in known if series.is_unusual(last_day)]
    told = (unusual or known)[0]
    sentence = _told(desk, told)
    if unusual:
        cause = _cause(desk, told)
        others = words("report.finding.others", count=len(unusual) - 1) if len(unusual) > 1 else ""
        ending = cause + others
    else:
        ending = words("report.finding.all_usual") if any(series.usual.get(last_day) for series in known) else ""
    yesterday = last_day == desk.now.date() - timedelta(days=1)
    day = words("report.finding.yesterday", day=show.day(last_day)) if yesterday else show.day(last_day)
    return words("report.finding.sentence", day=day, told=sentence, ending=ending)


def _told(desk: Desk, series: Series) -> str:
    words, show = desk.words, desk.show
    last = series.last
    assert last is not None
    assert last.value is not None
    cases = series.cases(last)
    value = show.value(series.unit, last.value, cases)
    before = series.before(last.day)
    name = words(f"metric.{series.metric}")
    if before is None:
        return words("report.finding.plain", metric=name, value=value)
    return words("report.finding.compared", metric=name, value=value, change=show.change(series.unit, last.value, before, cases))


def _cause(desk: Desk, series: Series) -> str:
    causes = desk.maybe(CAUSES)
    if causes is None or series.last is None:
        return ""
    found: dict[str, Any] | None = leading(causes.table(), series.metric, series.last.day)
    if found is None:
        return ""
    dimension = desk.words(f"dimension.{found['dimension']}")
    return desk.words("report.finding.cause", dimension=dimension, member=desk.member(found["dimension"], found["member"]))


def particulars(desk: Desk) -> list[tuple[str, str]]:
    """As-of time, period and volume: name and value of each."""
    words, show = desk.words, desk.show
    found = [(words("report.facts.as_of"), show.instant(desk.now))]
    daily = desk.maybe(DAILY)
    if daily is not None and desk.metrics.days:
        days = desk.metrics.days
        found.append((words("report.facts.period"), words("report.facts.from_to", first=show.day(days[0]), last=show.day(days[-1]))))
        found.append((words("report.facts.days"), words("report.facts.days_count", count=len(days))))
        calls = daily.values.get("calls")
        if isinstance(calls, int | float):
            found.append((words("report.facts.calls"), show.count(calls)))
    return found
