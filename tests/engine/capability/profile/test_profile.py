"""The groups of a profile, counted by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import polars as pl
import pytest
from scipy.special import betainc

from coachline.engine.analyses import run
from coachline.engine.capability.profile.measures import interval
from coachline.engine.capability.profile.profile import PROFILE_COLUMNS, profile
from coachline.engine.capability.profile.sheet import GROUPS, PROFILE
from coachline.engine.facts import Facts
from coachline.engine.result import Findings
from coachline.engine.tables import TABLES
from coachline.errors import CoachlineError
from tests.engine.capability.profile.described_centre import COMPLAINT, END, INQUIRY, RATES, inspection, taken, training, world

FactsOf = Callable[..., Facts]


def rows(found: Findings, agent: str, group: str) -> list[tuple[Any, ...]]:
    """(tag, business, value, number, low, high, n, as_of), rounded."""
    table = pl.from_arrow(found.tables["profile"])
    assert isinstance(table, pl.DataFrame)
    own = table.filter(agent_id=agent, group=group).drop("agent_id", "group").with_columns(pl.col(pl.Float64).round(4))
    return own.rows()


def counted(found: Findings, agent: str, group: str) -> dict[Any, tuple[Any, ...]]:
    """Tag, or tag and business -> (value or number, n, as_of)."""
    return {
        (tag, business) if business else tag: (value if number is None else number, n, as_of)
        for tag, business, value, number, _, _, n, as_of in rows(found, agent, group)
    }


_once: list[Findings] = []


@pytest.fixture
def found(facts_of: FactsOf) -> Findings:
    """The profile of `world`, made once for all tests that only look at it."""
    if not _once:
        _once.append(profile(facts_of(world())))
    return _once[0]


def day(month: int, number: int) -> date:
    return date(2026, month, number)


def test_basics(found: Findings) -> None:
    assert counted(found, "a1", "basics") == {
        "team": ("一班", None, END),
        "centre": ("天津", None, END),
        "role": ("客服专员", None, END),
        "seat_level": (3.0, None, END),
        "hired_on": ("2025-12-31", None, END),
        "tenure_days": (90.0, None, END),
        "calls": (9.0, 9, END),
        # 15 and 29 and 30 January, 1, 2, 5 (outbound) and 31 March.
        "active_days": (7.0, None, END),
        "night_share": (round(3 / 9, 4), 9, END),
        "outbound": (1.0, 1, END),
        "businesses": (3.0, 8, END),
        ("largest_share", INQUIRY): (5 / 8, 8, END),
        "stale_share": (1 / 8, 8, END),
        "学历": ("本科", None, END),
        "空": ("", None, END),
    }


def test_tenure_ends_with_leaving_and_is_unknown_where_dates_cannot_be(found: Findings) -> None:
    gone = counted(found, "a2", "basics")
    assert gone == {
        "hired_on": ("2025-12-31", None, END),
        "tenure_days": (32.0, None, END),
        "left_on": ("2026-02-01", None, END),
        "calls": (0.0, 0, None),
        "active_days": (0.0, None, END),
        "businesses": (0.0, None, None),
    }
    assert counted(found, "a3", "basics").keys() == {"hired_on", "left_on", "calls", "active_days", "businesses"}
    assert [note.facts for note in found.notes if note.code == "hired_after_the_end"] == [{"agents": 2}]
    assert "tenure_days" not in counted(found, "a4", "basics")


def test_people_who_are_not_listed_are_described_by_their_facts(found: Findings) -> None:
    assert counted(found, "a9", "basics")["calls"] == (1.0, 1, day(3, 4))
    assert "team" not in counted(found, "a9", "basics")
    assert [note.facts for note in found.notes if note.code == "agents_not_listed"] == [{"agents": 1}]
    assert found.values["agents"] == 5


def test_skills_are_fresh_or_stale(found: Findings) -> None:
    assert [row for row in rows(found, "a1", "skill") if row[0] not in ("satisfied", "index")] == [
        ("days_since_call", RATES, "stale", 61.0, None, None, 1, day(1, 29)),
        ("calls_30", RATES, None, 0.0, None, None, 1, day(1, 29)),
        ("calls_90", RATES, None, 1.0, None, None, 1, day(1, 29)),
        ("days_since_call", COMPLAINT, "fresh", 29.0, None, None, 2, day(3, 2)),
        ("calls_30", COMPLAINT, None, 1.0, None, None, 2, day(3, 2)),
        ("calls_90", COMPLAINT, None, 2.0, None, None, 2, day(3, 2)),
        ("days_since_call", INQUIRY, "fresh", 0.0, None, None, 5, END),
        ("calls_30", INQUIRY, None, 3.0, None, None, 5, END),
        ("calls_90", INQUIRY, None, 5.0, None, None, 5, END),
    ]
    assert found.values["skills"] == 4
    assert found.values["stale_skills"] == 1


def test_windows_and_staleness_to_the_day(facts_of: FactsOf) -> None:
    calls = [taken(when, business=when) for when in ("2026-03-02 00:00", "2026-03-01 23:59", "2026-01-01 10:00", "2025-12-31 10:00", "2026-01-30 10:00", "2026-01-31 10:00")]  # fmt: skip
    answer = profile(facts_of({"calls": [*calls, taken("2026-03-31 10:00", "a2", "end")]}))
    skills = counted(answer, "a1", "skill")
    recent, season = ({key[1][:10] for key, (number, *_) in skills.items() if key[0] == tag and number} for tag in ("calls_30", "calls_90"))
    assert recent == {"2026-03-02"}
    assert season == {"2026-03-02", "2026-03-01", "2026-01-01", "2026-01-30", "2026-01-31"}
    stale = {business[:10] for tag, business, value, *_ in rows(answer, "a1", "skill") if value == "stale"}
    # From 30 January to the end, no call within the 60 days of which 31 March is the last.
    assert stale == {"2026-01-30", "2026-01-01", "2025-12-31"}
    assert answer.values["stale_skills"] == 3
    patient = profile(facts_of({"calls": [*calls, taken("2026-03-31 10:00", "a2", "end")]}), stale_days=90)
    assert {business[:10] for _, business, value, *_ in rows(patient, "a1", "skill") if value == "stale"} == {"2025-12-31"}


def test_appraisal_counts_what_was_made_to_score(found: Findings) -> None:
    assert rows(found, "a1", "appraisal") == [
        # Five to score or to coach; the one of 2027 has not happened yet, and audits and calibrations are about inspectors.
        ("inspections", None, None, 5.0, None, None, 5, day(4, 3)),
        ("score", None, None, 75.0, None, None, 2, day(4, 2)),
        ("pass_share", None, None, 0.6667, 0.2355, 0.9376, 3, day(4, 2)),
        ("fatal", None, None, 1.0, None, None, 2, day(4, 2)),
        ("satisfaction", None, None, 0.5, 0.1653, 0.8347, 4, END),
        ("mystery", None, None, 0.55, None, None, 2, day(3, 5)),
    ]
    # Which centre this one belongs to is not known.
    assert rows(found, "a2", "appraisal") == [
        ("inspections", None, None, 0.0, None, None, 0, None),
        ("mystery", None, None, 0.9, None, None, 1, day(3, 9)),
    ]


def test_training_by_method_and_business(found: Findings) -> None:
    assert counted(found, "a1", "training") == {
        "trainings": (4.0, 4, day(4, 10)),
        "training_hours": (4.5, 3, day(4, 10)),
        "class": (3.5, 2, day(4, 10)),
        "mentor": (None, 1, day(3, 1)),
        ("trained", INQUIRY): (1.5, 2, day(3, 1)),
        ("trained", COMPLAINT): (2.0, 1, day(4, 10)),
    }
    # Hours that are no number are not known; they are not none.
    assert counted(found, "a2", "training") == {
        "trainings": (1.0, 1, day(2, 1)),
        "drill": (None, 1, day(2, 1)),
        ("trained", RATES): (None, 1, day(2, 1)),
    }
    assert counted(found, "a3", "training")["training_hours"] == (0.0, None, None)


def test_exams_as_a_whole_and_by_business(found: Findings) -> None:
    assert rows(found, "a1", "exam") == [
        ("exams", None, None, 3.0, None, None, 6, day(3, 10)),
        ("exam_share", None, None, 0.8333, 0.5055, 0.9698, 6, day(3, 10)),
        ("exam_share", COMPLAINT, None, 1.0, 0.2285, 1.0, 1, day(2, 10)),
        ("exam_share", INQUIRY, None, 0.75, 0.3493, 0.954, 4, day(2, 10)),
    ]


def test_licences_come_from_tags_alone(found: Findings, facts_of: FactsOf) -> None:
    assert counted(found, "a1", "licence") == {("licence", COMPLAINT): ("yes", None, END), ("licence", INQUIRY): ("yes", None, END)}
    assert counted(found, "a2", "licence") == {"licence": ("no", None, END)}
    assert counted(found, "a3", "licence") == {"licence": ("yes", None, END)}
    assert "no_licence_facts" not in {note.code for note in found.notes}
    without = world()
    for agent in without["agents"]:
        agent["tags"] = None
    notes = [note.code for note in profile(facts_of(without)).notes]
    assert notes.count("no_licence_facts") == 1


def test_facts_dated_long_after_the_last_call_are_left_out_and_counted(found: Findings) -> None:
    later = {note.facts["table"]: note.facts["rows"] for note in found.notes if note.code == "facts_after_the_end"}
    assert later == {"inspections": 1, "trainings": 1}


def test_what_follows_the_last_call_by_a_month_counts_as_if_on_its_day(facts_of: FactsOf) -> None:
    facts = facts_of(
        {
            "calls": [taken("2026-03-31 10:00")],
            "trainings": [training(1, "2026-05-01 23:59", INQUIRY, 1.0), training(2, "2026-05-02 00:00", INQUIRY, 1.0)],
        }
    )
    found = profile(facts, tags={"just": 'days_since_training == 0 and trained("查询", 1)'})
    assert counted(found, "a1", "training")["trainings"] == (1.0, 1, day(5, 1))
    assert [row[0] for row in rows(found, "a1", "tag")] == ["just"]
    assert [note.facts["rows"] for note in found.notes if note.code == "facts_after_the_end"] == [1]


def test_own_businesses_that_nobody_ever_inspected(found: Findings, facts_of: FactsOf) -> None:
    assert rows(found, "a1", "blind_spot") == [("never_inspected", RATES, None, 1 / 8, None, None, 1, day(1, 29))]
    assert rows(found, "a9", "blind_spot") == [("never_inspected", INQUIRY, None, 1.0, None, None, 1, day(3, 4))]
    # Where no inspected call is in the data, nobody knows what was inspected.
    lost = world()
    for row in lost["inspections"]:
        row["call_id"] = None
    assert rows(profile(facts_of(lost)), "a1", "blind_spot") == []
    # One call in a hundred is no part of one's own work any more.
    rare = world()
    rare["calls"] += [taken("2026-03-02 10:00", business=INQUIRY) for _ in range(93)]
    assert rows(profile(facts_of(rare)), "a1", "blind_spot") == []


def test_intervals_leave_out_five_per_cent_on_either_side() -> None:
    n = pl.Series([0, 1, 1, 10, 10, 3000])
    successes = pl.Series([0, 0, 1, 9, None, 2900])
    low, high = interval(successes, n)
    assert low.to_list()[:3] == [None, 0.0, pytest.approx(0.2285, abs=1e-4)]
    assert high.to_list()[:3] == [None, pytest.approx(1 - 0.2285, abs=1e-4), 1.0]
    for place, (x, tries) in {3: (9, 10), 5: (2900, 3000)}.items():
        assert betainc(x + 0.5, tries - x + 0.5, low[place]) == pytest.approx(0.05)
        assert betainc(x + 0.5, tries - x + 0.5, high[place]) == pytest.approx(0.95)
    assert (low[4], round(high[4], 3)) == (0.0, 0.171)


def test_who_leaves_on_the_last_day_has_left_and_unrecorded_faults_are_not_none(facts_of: FactsOf) -> None:
    agents = [{"agent_id": agent, "left_on": left} for agent, left in (("a1", END), ("a2", date(2026, 4, 1)), ("a3", None))]
    tables = {"calls": [taken("2026-03-31 10:00")], "agents": agents, "inspections": [inspection(1, None, "2026-03-31 11:00", score=80.0)]}
    found = profile(facts_of(tables), tags={"left": "left", "stays": "not left", "faultless": "fatal == 0", "seen": "inspections == 1"})
    assert {agent: [row[0] for row in rows(found, agent, "tag")] for agent in ("a1", "a2", "a3")} == {
        "a1": ["left", "seen"], "a2": ["stays"], "a3": ["stays"],
    }  # fmt: skip
    assert [row["not_known"] for row in found.tables["tags"].to_pylist()] == [0, 0, 3, 0]
    # Where some inspections record faults, those of others are not known, and who was never inspected has none.
    tables["inspections"] += [inspection(2, None, "2026-03-31 11:00", "a2", fatal=True)]
    found = profile(facts_of(tables), tags={"faultless": "fatal == 0"})
    assert {agent: [row[0] for row in rows(found, agent, "tag")] for agent in ("a1", "a2", "a3")} == {
        "a1": [],
        "a2": [],
        "a3": ["faultless"],
    }


def test_nobody_is_judged_where_no_outcome_is_recorded(facts_of: FactsOf) -> None:
    silent = world()
    for row in (*silent["calls"], *silent["inspections"]):
        row.pop("rating", None), row.pop("passed", None)
    del silent["exams"]
    found = profile(facts_of(silent), tags={"a": 'strong("投诉")', "b": 'not below("投诉")', "c": "weaknesses == 0", "d": "rated == 0"})
    assert {row[0] for row in rows(found, "a1", "skill")} == {"days_since_call", "calls_30", "calls_90"}
    assert rows(found, "a1", "strength") == []
    assert found.values["strengths"] is None
    assert [(row["agents"], row["not_known"]) for row in found.tables["tags"].to_pylist()] == [(0, 5)] * 4
    [note] = [note for note in found.notes if note.code == "no_skill_estimates"]
    assert "resolved" in note.facts["columns"]


def test_a_period_bounds_every_fact(facts_of: FactsOf) -> None:
    facts = facts_of(world())
    early = profile(facts, since=date(2026, 1, 15), until=date(2026, 2, 10))
    basics = counted(early, "a1", "basics")
    assert early.values["day"] == "2026-02-10"
    assert basics["tenure_days"][0] == 41.0
    assert basics["calls"][0] == 4.0
    assert counted(early, "a1", "training") == {
        "trainings": (1.0, 1, day(2, 1)), "training_hours": (1.5, 1, day(2, 1)), "class": (1.5, 1, day(2, 1)), ("trained", INQUIRY): (1.5, 1, day(2, 1)),
    }  # fmt: skip
    assert counted(early, "a1", "appraisal")["inspections"] == (1.0, 1, day(1, 20))
    assert counted(early, "a1", "exam")["exams"] == (1.0, 5, day(2, 10))
    assert counted(early, "a2", "basics")["left_on"] == ("2026-02-01", None, day(2, 10))
    # A later end than the data have changes no age.
    assert profile(facts, until=date(2027, 1, 1)).values["day"] == "2026-03-31"
    with pytest.raises(CoachlineError, match="2026-01-15"):
        profile(facts, until=date(2025, 1, 1))
    with pytest.raises(CoachlineError, match="2026-01-15"):
        profile(facts, since=date(2026, 5, 1))


def test_one_agent_alone_looks_as_among_all(found: Findings, facts_of: FactsOf) -> None:
    facts = facts_of(world())
    alone = profile(facts, agent="a1")
    whole = pl.from_arrow(found.tables["profile"])
    assert isinstance(whole, pl.DataFrame)
    assert whole.filter(agent_id="a1").equals(pl.from_arrow(alone.tables["profile"]))
    assert alone.values["agents"] == 1
    assert rows(profile(facts, agent="a3"), "a3", "appraisal") == [("inspections", None, None, 0.0, None, None, 0, None)]
    with pytest.raises(CoachlineError, match=r"There is no agent a0\. Agents are named by their number, e\.g\. a1\."):
        profile(facts, agent="a0")


def test_calls_alone_are_enough(facts_of: FactsOf) -> None:
    found = profile(facts_of({"calls": [taken("2026-03-02 10:00"), taken("2026-03-03 10:00", "a2", None)]}))
    assert {row[0] for row in rows(found, "a1", "basics")} == {
        "calls",
        "active_days",
        "night_share",
        "businesses",
        "largest_share",
        "stale_share",
    }
    assert [rows(found, "a1", group) for group in ("appraisal", "training", "exam", "licence", "blind_spot")] == [[]] * 5
    assert [row[0] for row in rows(found, "a2", "basics")] == ["calls", "active_days", "night_share", "businesses"]
    assert {note.code for note in found.notes} >= {"no_licence_facts", "no_skill_estimates"}
    assert "agents_not_listed" not in {note.code for note in found.notes}


def test_without_any_business_there_are_no_skills(facts_of: FactsOf) -> None:
    found = profile(facts_of({"calls": [taken("2026-03-02 10:00", business=None, resolved=True)]}))
    assert counted(found, "a1", "basics").keys() == {"calls", "active_days", "night_share"}
    assert found.values["skills"] == 0


def test_rows_that_repeat_count_once(found: Findings, facts_of: FactsOf) -> None:
    twice = world()
    for table in ("agents", "inspections", "trainings", "exams", "mystery_calls"):
        twice[table] = [*twice[table], *(dict(row) for row in twice[table])]
    again = pl.from_arrow(profile(facts_of(twice)).tables["profile"])
    assert isinstance(again, pl.DataFrame)
    assert again.equals(pl.from_arrow(found.tables["profile"]))


def test_the_agent_loaded_last_counts(facts_of: FactsOf) -> None:
    agents = [
        {"agent_id": "a1", "team": team, "loaded_at": datetime(2026, 1, day, tzinfo=UTC)} for team, day in (("旧", 1), ("新", 3), ("中", 2))
    ]
    found = profile(facts_of({"calls": [taken("2026-03-02 10:00")], "agents": agents}))
    assert counted(found, "a1", "basics")["team"][0] == "新"


def test_one_mistyped_date_is_pointed_out(facts_of: FactsOf) -> None:
    def gap(found: Findings) -> tuple[bool, float | None]:
        [check] = [check for check in found.checks if check.code == "calls_until_the_end"]
        return check.ok, check.figure

    calls = [taken("2026-03-01 10:00"), taken("2026-03-02 10:00"), taken("2026-03-02 11:00")]
    assert gap(profile(facts_of({"calls": calls}))) == (True, 1)
    assert gap(profile(facts_of({"calls": calls[1:]}))) == (True, None)
    wrong = facts_of({"calls": [*calls, taken("2062-03-02 10:00")]})
    assert gap(profile(wrong)) == (False, 13149)
    assert gap(profile(wrong, until=date(2026, 3, 2))) == (True, 1)


def test_night_is_that_of_the_centre(facts_of: FactsOf) -> None:
    calls = {"calls": [taken("2026-03-02 23:00")]}
    assert counted(profile(facts_of(calls)), "a1", "basics")["night_share"][0] == 1.0
    assert counted(profile(facts_of(calls, zone="Europe/Berlin")), "a1", "basics")["night_share"][0] == 0.0


def test_names_of_people_never_appear(facts_of: FactsOf) -> None:
    found = profile(facts_of(world()))
    assert "王小明" not in str([table.to_pylist() for table in found.tables.values()])
    assert "name" not in PROFILE_COLUMNS["agents"]


def test_the_table_is_as_promised(facts_of: FactsOf) -> None:
    result = run("capability.profile", facts_of(world()), {"stale_days": "30"})
    assert list(result.tables) == ["profile", "tags"]
    assert result.polars().schema == PROFILE
    order = result.polars().select("agent_id", pl.col("group").replace_strict({group: n for n, group in enumerate(GROUPS)}))
    assert order.rows() == sorted(order.rows())
    for table, columns in PROFILE_COLUMNS.items():
        assert set(columns) <= {column.name for column in TABLES[table].columns}
