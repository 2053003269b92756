"""What sort of day each day is: weekday, holiday, worked weekend (调休), place in the month, and what the centre says of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from coachline.engine import clock
from coachline.engine.roster.forecast.history import Bools, Floats, Ints
from coachline.errors import CoachlineError

NO_COUNTRY = "none"
HOLIDAY, WORKED_WEEKEND = 7, 8
"""Types of days beside the weekdays 0 (Monday) to 6."""
TYPES = 9

REACH = 7
"""Days before and behind a holiday that may differ because of it."""

RARE = 0.25
"""Share of all days below which an event is an exception."""

SINCE = 2021
"""A country that has worked a weekend since then does so."""

MONTH = 365.2425 / 12
YEAR = 365.2425


@dataclass(frozen=True)
class Days:
    """What is known of some days beforehand.

    Attributes
    ----------
    number : (n,) int array
        Days since 1970.
    type : (n,) int array
        Weekday from 0 on Monday; `HOLIDAY`; `WORKED_WEEKEND`.
    working : (n,) bool array
    after : (n,) bool array
        The first working day behind a holiday or closure on what would have been a working day.
    before : (n,) bool array
        The last working day before one.
    turn : (n,) float array
        Days from the nearest turn of the month, 0 on the first, negative before it.
    year : (n,) float array
        Day of the year.
    holiday : (n,) int array
        Which holiday a day belongs to or lies at most `REACH` days beside; -1 for none. The same number in every year.
    place : (n,) int array
        Place in that holiday: 100 and on within it, negative before, from 200 on behind it.
    names : tuple of str
        Of the holidays, by their number.
    events : (n, kinds) bool array
    kinds : tuple of str
        Names of what the centre says of days.
    rare : (kinds,) bool array
        Which of these are exceptions, and not a new price, say, that holds for months.
    """

    number: Ints
    type: Ints
    working: Bools
    after: Bools
    before: Bools
    turn: Floats
    year: Floats
    holiday: Ints
    place: Ints
    names: tuple[str, ...]
    events: Bools
    kinds: tuple[str, ...]
    rare: Bools

    def __getitem__(self, which: Ints | Bools | slice) -> Days:
        """Some of the days."""
        per_day = ("number", "type", "working", "after", "before", "turn", "year", "holiday", "place", "events")
        return replace(self, **{name: getattr(self, name)[which] for name in per_day})

    @property
    def special(self) -> Bools:
        """(n,) days that are not like other days of their weekday: holidays and what lies beside them, worked weekends, events."""
        return (self.type >= HOLIDAY) | (self.holiday >= 0) | self.after | self.before | self.events[:, self.rare].any(axis=1)


def calendar(first: int, end: int, country: str, events: Mapping[str, str] | None = None, closed: Iterable[int] = ()) -> Days:
    """The days from number `first` on and before `end`.

    Parameters
    ----------
    first, end : int
    country : str
        Code of ISO 3166, or ``none``.
    events : mapping of str to str, optional
        By name: dates, ranges of dates (``2026-11-01..2026-11-11``) and days of the month (``15``; -1 is the last), with commas between them.
    closed : iterable of int
        Days on which the centre is known to have been closed although nothing else says so.

    Raises
    ------
    CoachlineError
        ``unknown_country``, ``bad_event``.
    """
    asked = range(first, end)
    number = np.arange(first, end)
    # Runs of holidays may begin before the first day and end behind the last.
    wide = range(first - 40, end + 40)
    free, worked, named, weekend = _of_country(country, _date(wide[0]).year, _date(wide[-1]).year)
    weekday = {day: (day + 3) % 7 for day in wide}
    working = {day: (weekday[day] not in weekend or day in worked) and day not in free for day in wide}
    runs = _runs(wide, working, free, named)
    names = tuple(sorted({name for _, _, name in runs}))
    holiday: dict[int, int] = {}
    place: dict[int, int] = {}
    for start, stop, name in runs:
        for day in range(start - REACH, stop + REACH):
            at = day - start if day < start else 100 + day - start if day < stop else 200 + day - stop
            if day not in place or 100 <= at < 200 or (abs(at) < abs(place[day]) and not 100 <= place[day] < 200):
                holiday[day], place[day] = names.index(name), at
    inside = {day for start, stop, _ in runs for day in range(start, stop)}
    shut = inside | set(closed)
    kind = {day: HOLIDAY if day in inside else WORKED_WEEKEND if day in worked else weekday[day] for day in wide}
    lost = {day for day in shut if weekday.get(day) not in weekend}
    happening = _events(number, events or {})
    return Days(
        number=number,
        type=np.array([kind[day] for day in asked], np.int64),
        working=np.array([working[day] for day in asked], np.bool_),
        after=np.array([working[day] and _beside(day, -1, working, shut, lost) for day in asked], np.bool_),
        before=np.array([working[day] and _beside(day, 1, working, shut, lost) for day in asked], np.bool_),
        turn=np.array([_turn(_date(day)) for day in asked]),
        year=np.array([float(_date(day).timetuple().tm_yday) for day in asked]),
        holiday=np.array([holiday.get(day, -1) for day in asked], np.int64),
        place=np.array([place.get(day, 0) for day in asked], np.int64),
        names=names,
        events=happening,
        kinds=tuple(events or ()),
        rare=happening.mean(axis=0) < RARE,
    )


def worked_weekends_unknown(country: str, year: int) -> bool:
    """Whether a country that works weekends in exchange for holidays has not said for `year` which."""
    return not _of_country(country, year, year)[1] and bool(_of_country(country, min(year, SINCE) - 1, year)[1])


@lru_cache(maxsize=32)
def _of_country(country: str, first: int, last: int) -> tuple[frozenset[int], frozenset[int], Mapping[int, str], frozenset[int]]:
    """Free days, worked weekend days, names of the free days that have one of their own, and weekdays of the weekend."""
    if country == NO_COUNTRY:
        return frozenset(), frozenset(), {}, frozenset({5, 6})
    import holidays

    years = range(first, last + 1)
    try:
        language = holidays.country_holidays(country).default_language
        own = holidays.country_holidays(country, years=years, language=language)
        english = holidays.country_holidays(country, years=years, language="en_US")
    except (NotImplementedError, KeyError):
        raise CoachlineError("unknown_country", country=country) from None
    within = {day for day in own if first <= day.year <= last}
    free = frozenset(map(clock.day_number, within))
    worked = frozenset(clock.day_number(day) for day in own.weekend_workdays if first <= day.year <= last)
    # Days off in exchange bear the name of the holiday beside them.
    named = {clock.day_number(day): _plain(own[day]) for day in within if not str(english.get(day, "")).startswith("Day off")}
    return free, worked, named, frozenset(own.weekend)


def _plain(name: str) -> str:
    """A holiday's name without remarks in brackets."""
    return re.sub(r"\s*[(（].*?[)）]", "", name.split(";", maxsplit=1)[0]).strip() or name


def _runs(wide: range, working: Mapping[int, bool], free: frozenset[int], named: Mapping[int, str]) -> list[tuple[int, int, str]]:
    """Stretches of days off in a row with a holiday among them: first day, day behind the last, name."""
    runs, day = [], wide[0]
    while day < wide[-1]:
        stop = day
        while stop < wide[-1] and not working[stop]:
            stop += 1
        inside = range(day, stop)
        if any(each in free for each in inside):
            names = Counter(named[each] for each in inside if named.get(each))
            # A long stretch that is not named (a Sunday country's Saturdays, say) goes by the holiday that it ends with.
            runs.append((day, stop, names.most_common(1)[0][0] if names else "?"))
        day = stop + 1
    return runs


def _beside(day: int, step: int, working: Mapping[int, bool], shut: set[int], lost: set[int]) -> bool:
    """Whether a day that would have been worked was free between `day` and the next working one in the direction of `step`."""
    for at in range(day + step, day + 15 * step, step):
        if working.get(at, True) and at not in shut:
            return False
        if at in lost:
            return True
    return False


def _turn(day: date) -> float:
    following = (day.replace(day=28) + timedelta(4)).replace(day=1)
    length = (following - day.replace(day=1)).days
    return float(day.day - 1 if day.day <= 1 + length // 2 else day.day - 1 - length)


_RANGE = re.compile(r"\s*(\d{4}[-/]\d{1,2}[-/]\d{1,2})\s*(?:(?:\.\.+|…|~|～|至|到|to)\s*(\d{4}[-/]\d{1,2}[-/]\d{1,2}))?\s*")
_DAY_OF_MONTH = re.compile(r"\s*(-?\d{1,2})\s*")


def _events(number: Ints, events: Mapping[str, str]) -> Bools:
    found = np.zeros((len(number), len(events)), np.bool_)
    for column, (name, text) in enumerate(events.items()):
        for entry in re.split("[,，、]", text):
            if not entry.strip():
                continue
            try:
                found[:, column] |= _falls(number, entry)
            except ValueError:
                raise CoachlineError("bad_event", name=name, entry=entry.strip()) from None
    return found


def _falls(number: Ints, entry: str) -> Bools:
    if between := _RANGE.fullmatch(entry):
        first, last = (clock.day_number(_read(text)) for text in (between[1], between[2] or between[1]))
        if last < first:
            raise ValueError
        return np.asarray((number >= first) & (number <= last))
    if monthly := _DAY_OF_MONTH.fullmatch(entry):
        day = int(monthly[1])
        if not (1 <= day <= 31 or day == -1):
            raise ValueError
        dates = [_date(each) for each in number]
        if day == -1:
            return np.array([(each + timedelta(1)).day == 1 for each in dates], np.bool_)
        return np.array([each.day == day for each in dates], np.bool_)
    raise ValueError


def _read(text: str) -> date:
    year, month, day = (int(part) for part in re.split("[-/]", text))
    return date(year, month, day)


def _date(number: int) -> date:
    return clock.EPOCH + timedelta(int(number))
