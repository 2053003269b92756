"""What was done, narrowed and in words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.http import QueryDict

from coachline.web.base.centre_folder import centre_settings
from coachline.web.base.language import words
from coachline.web.journal.models import Entry

CHANGES = ("before", "after")
"""Facts that hold what something was and what it became."""


@dataclass(frozen=True)
class Filter:
    """By what the journal is narrowed; all of it stands in the address. Empty fields narrow nothing."""

    who: str = ""
    verb: str = ""
    subject: str = ""
    centre: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, asked: QueryDict) -> Filter:
        """Read the address; a day that is none narrows nothing."""
        texts = {key: asked.get(key, "").replace("\x00", "").strip()[:200] for key in ("who", "verb", "subject", "centre")}
        return cls(**texts, since=_day(asked.get("since", "")), until=_day(asked.get("until", "")))

    def __bool__(self) -> bool:
        return self != Filter()


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    # The first and last days of the calendar have no moment in every zone.
    return found if 1900 <= found.year <= 9000 else None


def entries(chosen: Filter) -> QuerySet[Entry]:
    """Entries that fit, newest first."""
    found = Entry.objects.all()
    if chosen.who:
        found = found.filter(user_name__icontains=chosen.who)
    if chosen.verb:
        found = found.filter(verb=chosen.verb)
    if chosen.subject:
        found = found.filter(subject__icontains=chosen.subject)
    if chosen.centre:
        found = found.filter(centre=chosen.centre)
    zone = centre_settings().zone
    if chosen.since:
        found = found.filter(at__gte=datetime.combine(chosen.since, datetime.min.time(), zone))
    if chosen.until:
        found = found.filter(at__lt=datetime.combine(chosen.until + timedelta(days=1), datetime.min.time(), zone))
    return found


def verbs_used() -> list[tuple[str, str]]:
    """The verbs that occur, each with what it does."""
    used = Entry.objects.order_by("verb").values_list("verb", flat=True).distinct()
    return [(verb, kind(verb)) for verb in used]


def centres_named() -> list[str]:
    return list(Entry.objects.exclude(centre="").order_by("centre").values_list("centre", flat=True).distinct())


@dataclass(frozen=True)
class Told:
    """An entry with its sentence."""

    entry: Entry
    sentence: str


def told(found: Iterable[Entry]) -> Iterator[Told]:
    """Entries with their sentences in the reader's language."""
    return (Told(entry, sentence(entry)) for entry in found)


def sentence(entry: Entry) -> str:
    """What was done, in words; the bare verb where nobody has worded it."""
    say = words()
    code = f"journal.{entry.verb}"
    if not say.knows(code):
        return entry.verb
    known = {key: in_words(key, value) for key, value in entry.facts.items()}
    # An old entry may lack a fact that today's sentence names.
    return _filled(code, {"subject": entry.subject, "reason": entry.reason, "centre": entry.centre, **known}, say("web.journal.nothing"))


def kind(verb: str) -> str:
    """What is done by `verb`, whatever it is done to."""
    return _filled(f"journal.{verb}", {}, "…") if words().knows(f"journal.{verb}") else verb


def _filled(code: str, facts: dict[str, str], else_: str) -> str:
    while True:
        try:
            return words()(code, **facts)
        except KeyError as missing:
            facts = {**facts, str(missing.args[0]): else_}


def in_words(key: str, value: Any) -> str:
    """A fact as a reader would say it: codes of roles and verbs by their names."""
    say = words()
    if value is None or value == "":
        return say("web.journal.nothing")
    if isinstance(value, bool):
        return say("web.base.yes" if value else "web.base.no")
    if isinstance(value, list):
        return say("web.journal.between").join(in_words(key, each) for each in value) or say("web.journal.nothing")
    if isinstance(value, dict):
        return say("web.journal.between").join(f"{name_of(each)} {in_words(each, what)}" for each, what in value.items())
    text = str(value)
    for code in (f"{key.removesuffix('s')}.{text}", f"web.journal.value.{text}"):
        if say.knows(code):
            return say(code)
    return text


def name_of(key: str) -> str:
    """What a fact is called."""
    say = words()
    code = f"web.journal.fact.{key}"
    return say(code) if say.knows(code) else key


@dataclass(frozen=True)
class Fact:
    """A fact of an entry, by name; `before` and `after` where it was changed, else only `after`."""

    name: str
    before: str | None
    after: str


def facts_of(entry: Entry) -> list[Fact]:
    """What is known of an entry beyond its sentence."""
    before, after = (entry.facts.get(part) for part in CHANGES)
    if isinstance(before, dict) and isinstance(after, dict):
        changed = [Fact(name_of(key), in_words(key, before.get(key)), in_words(key, after.get(key))) for key in {**before, **after}]
        rest = {key: value for key, value in entry.facts.items() if key not in CHANGES}
    else:
        changed, rest = [], entry.facts
    return [*changed, *(Fact(name_of(key), None, in_words(key, value)) for key, value in rest.items())]
