"""Strengths, what needs work, and the centre's own tags: those who were made for a tag get it, and nobody else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from functools import cache
from typing import Any

import numpy as np
import polars as pl
import pytest

from coachline.engine.analyses import run
from coachline.engine.capability.matrix import matrix
from coachline.engine.capability.profile.matching import matching
from coachline.engine.capability.profile.profile import profile
from coachline.engine.capability.profile.standing import representative
from coachline.engine.facts import Facts
from coachline.engine.result import Findings, Result
from coachline.errors import CoachlineError
from tests.engine.operations.rows import at, call

FactsOf = Callable[..., Facts]

COMPLAINTS = ["国际业务/投诉/国际件投诉", "国内业务/投诉/包裹投诉"]
OTHERS = [f"{family}/查询/{name}" for family in ("国际业务", "国内业务") for name in ("甲", "乙", "丙", "丁")]
PER_CELL = 120
FIRST, LAST = at("2025-11-01 10:00"), at("2026-03-31 10:00")
ORDINARY = [f"o{n:02d}" for n in range(12)]
HIRED = date(2024, 1, 1)


def chance(agent: str, business: str) -> float:
    """Of a call being resolved."""
    if agent == "star":
        return 0.99 if business in COMPLAINTS else 0.8
    if agent == "ace":
        return 0.985
    if agent == "weak":
        return 0.5
    return 0.8


def cells(agent: str, businesses: list[str], rng: np.random.Generator, until: Any = LAST, **fields: Any) -> list[dict[str, Any]]:
    """Calls of an agent at ten in the morning, evenly spread over the days."""
    rows = []
    for business in businesses:
        solved = rng.random(PER_CELL) < chance(agent, business)
        step = (until - FIRST) / PER_CELL
        rows += [
            call((FIRST + (n + 1) * step).replace(hour=2), agent_id=agent, business=business, resolved=bool(solved[n]), **fields)
            for n in range(PER_CELL)
        ]
    return rows


def world(seed: int = 4) -> dict[str, list[dict[str, Any]]]:
    """One agent for each default tag among a dozen ordinary ones; tables may be exchanged, rows are shared."""
    return dict(_world(seed))


@cache
def _world(seed: int) -> dict[str, list[dict[str, Any]]]:
    rng = np.random.default_rng(seed)
    every = [*COMPLAINTS, *OTHERS]
    calls = [row for agent in [*ORDINARY, "star", "ace", "weak", "idle", "gone"] for row in cells(agent, every, rng)]
    calls += cells("new", OTHERS, rng) + cells("rusty", OTHERS[:6], rng)
    calls += cells("rusty", OTHERS[6:], rng, until=LAST - timedelta(days=70))
    night = cells("owl", every, rng)
    for n, row in enumerate(night):
        if n % 5 < 2:
            row["arrived_at"] = row["arrived_at"].replace(hour=16)  # midnight in Shanghai
    calls += night
    people = sorted({row["agent_id"] for row in calls})
    agents = [
        {"agent_id": agent, "hired_on": HIRED, "team": "一班", "tags": {"学历": "本科" if agent == "ace" else "大专"}} for agent in people
    ]
    changed: Mapping[str, dict[str, Any]] = {
        "new": {"hired_on": date(2025, 10, 3)},
        "ace": {"hired_on": date(2015, 1, 1)},
        "gone": {"left_on": date(2026, 3, 30), "hired_on": date(2026, 1, 1)},
        "owl": {"team": "二班"},
    }
    for agent in agents:
        agent.update(changed.get(agent["agent_id"], {}))
    inspections = [
        {"inspection_id": f"{row['call_id']}i", "call_id": row["call_id"], "agent_id": row["agent_id"], "inspected_at": row["arrived_at"], "score": 90.0}
        for n, row in enumerate(calls)
        if n % 20 == 0 and not (row["agent_id"] == "idle" and n % 40 == 0)
    ]  # fmt: skip
    few = {row["inspection_id"] for row in inspections if row["agent_id"] == "idle"}
    inspections = [row for row in inspections if row["inspection_id"] not in sorted(few)[9:]]
    trainings = [
        {"training_id": f"t{agent}", "agent_id": agent, "business": "国际业务/投诉", "started_at": at("2026-01-05 09:00"), "hours": 2.0}
        for agent in people
        if agent not in ("gone", ORDINARY[0])
    ]
    return {"calls": calls, "agents": agents, "inspections": inspections, "trainings": trainings}


_once: list[Result] = []


@pytest.fixture
def result(facts_of: FactsOf) -> Result:
    """The profile of `world`, made once for all tests that only look at it."""
    if not _once:
        _once.append(run("capability.profile", facts_of(world()), {}))
    return _once[0]


def bearers(found: Result | Findings) -> dict[str, list[str]]:
    table = pl.from_arrow(next(iter(found.tables.values())))
    assert isinstance(table, pl.DataFrame)
    tags = table.filter(group="tag")
    return {tag: tags.filter(tag=tag)["agent_id"].to_list() for tag in tags["tag"].unique(maintain_order=True)}


def test_each_default_tag_finds_its_people(result: Result) -> None:
    assert {tag: set(people) for tag, people in bearers(result).items()} == {
        "new": {"new"},
        "night": {"owl"},
        "complaint_strong": {"star", "ace"},
        "all_rounder": {"ace"},
        "mentor_candidate": {"ace"},
        "needs_support": {"weak"},
        "needs_refresh": {"rusty"},
        "training_due": {ORDINARY[0]},
        "few_inspections": {"idle"},
    }
    counted = {row["tag"]: (row["agents"], row["not_known"]) for row in result.table("tags").to_pylist()}
    assert counted == {tag: (len(people), 0) for tag, people in bearers(result).items()}
    # star, ace, weak, new, owl, rusty, idle and the one without training.
    assert result.values["tagged"] == 8


def test_strengths_are_those_that_were_put_in(result: Result) -> None:
    table = result.polars().filter(group="strength")
    assert set(table.filter(agent_id="star")["business"]) == set(COMPLAINTS)
    assert set(table.filter(agent_id="ace")["business"]) == {*COMPLAINTS, *OTHERS}
    assert set(table["agent_id"]) == {"star", "ace"}
    assert set(table["value"]) == {"strong"}


def test_what_needs_work_says_whether_somebody_saw_to_it(facts_of: FactsOf) -> None:
    rows = world()
    rows["inspections"] = [row for row in rows["inspections"] if row["agent_id"] != "weak"]
    rows["exams"] = [
        {"exam_id": "e", "item": "q", "agent_id": "weak", "business": business, "taken_at": at(when), "correct": True}
        for business, when in ((OTHERS[0], "2025-10-03 09:00"), (OTHERS[1], "2025-10-02 09:00"))
    ]
    table = run("capability.profile", facts_of(rows), {}).polars().filter(agent_id="weak", group="blind_spot")
    weak = table.filter(pl.col("tag") == "resolved")
    assert set(weak["business"]) == {*COMPLAINTS, *OTHERS}
    # The training on 国际业务/投诉 counts for what lies below it; of two exams one was taken within 180 days, of which 31 March is the last.
    attended = {business for business, value in weak.select("business", "value").rows() if value == "attended"}
    assert attended == {COMPLAINTS[0], OTHERS[0]}
    assert set(weak["value"]) == {"attended", "neglected"}
    assert set(table.filter(tag="never_inspected")["business"]) == {*COMPLAINTS, *OTHERS}


def test_what_needs_work_where_nobody_writes_down_what_is_done_for_it(facts_of: FactsOf) -> None:
    found = run("capability.profile", facts_of({"calls": world()["calls"]}), {})
    spots = found.polars().filter(agent_id="weak", group="blind_spot")
    assert spots.height
    assert spots["value"].null_count() == spots.height


def test_skills_are_those_of_the_matrix(result: Result, facts_of: FactsOf) -> None:
    cells = pl.from_arrow(matrix(facts_of(world()), unseen=False).tables["matrix"])
    assert isinstance(cells, pl.DataFrame)
    wanted = cells.filter(pl.col("outcome").is_in(["resolved", "index"])).select(
        "agent_id", "business", tag="outcome", value="verdict", number="estimate", low="low", high="high", n="n"
    )
    got = result.polars().filter(pl.col("tag").is_in(["resolved", "index"]), group="skill").select(wanted.columns)
    keys = ["agent_id", "business", "tag"]
    assert got.sort(keys).equals(wanted.sort(keys))
    assert set(got["tag"]) == {"resolved", "index"}


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_tags_do_not_hang_on_luck(seed: int, facts_of: FactsOf) -> None:
    found = bearers(run("capability.profile", facts_of(world(seed)), {}))
    assert set(found["complaint_strong"]) == {"star", "ace"}
    assert found["needs_support"] == ["weak"]
    assert found["mentor_candidate"] == ["ace"]


def test_parameters_reach_the_matrix(facts_of: FactsOf) -> None:
    facts = facts_of(world())

    def strengths(**given: Any) -> int:
        return run("capability.profile", facts, given).polars().filter(group="strength").height

    assert strengths(confidence=0.5) > strengths() > strengths(confidence=0.999)
    lenient = run("capability.profile", facts, {"margin": 10.0, "weights": "repeat=1"})
    assert not lenient.polars().filter(group="strength").height
    assert lenient.values["weak_spots"] == 0
    # Repeats are not recorded, so without other weights there is no index.
    assert "index" not in set(lenient.polars()["tag"])
    assert profile(facts, half_life="none").tables["profile"].num_rows == profile(facts).tables["profile"].num_rows


RULES = {
    "工龄天数 < 180": {"new", "gone"},
    "工龄天数＜１８０ 且 非 已离职": {"new"},
    "夜班占比 > 39% and 夜班占比 <= 0.4": {"owl"},
    'strong("投诉")': {"star", "ace"},
    'strong("国内业务/投诉") and not strong("查询")': {"star"},
    'strong("包裹投诉") and strong("国际件投诉") and strengths == 2': {"star"},
    'below("投诉") and weaknesses > 5': {"weak"},
    'not handles("投诉")': {"new", "rusty"},
    'handles("丁") and team == "二班"': {"owl"},
    'not trained("投诉")': {"gone", ORDINARY[0]},
    'trained("投诉", 86) and tag("学历") == "本科"': {"ace"},
    'trained("投诉", 85)': set(),
    'trained("国际件投诉")': set(),
    'inspected("查询", 200) and not inspected("没有") and inspections < 20 and tag("学历")': {"idle"},
    "inspections > 0 and inspections < 10": {"idle"},
    "inspections == 9": {"idle"},
    "score >= 90 and night_share > 0": {"owl"},
    "largest_share > 0.12 and calls < 1000": {"new", "rusty"},
    "calls == 960 and businesses == 8 and stale_businesses == 2 and 0.24 < stale_share < 0.26": {"rusty"},
    "days_since_call >= 0 and outbound == 0 and active_days > 1 and tenure_days > 4000": {"ace"},
    "training_hours == 0": {"gone", ORDINARY[0]},
    "days_since_training == 85 and tenure_days > 4000": {"ace"},
    'team == "二班"': {"owl"},
    # Nothing is known of satisfaction, exams, mystery calls and seats.
    "satisfaction > 0 or satisfaction <= 0 or exams == 0 or mystery < 2": set(),
    "seat_level > 0 or not seat_level > 0": set(),
    'examined("投诉") or not examined("投诉")': set(),
}


def test_rules_over_facts(facts_of: FactsOf) -> None:
    found = profile(facts_of(world()), tags={f"t{n}": rule for n, rule in enumerate(RULES)})
    given = bearers(found)
    assert {rule: set(given.get(f"t{n}", [])) for n, rule in enumerate(RULES)} == RULES


def test_tags_from_a_shell_and_upon_each_other(facts_of: FactsOf) -> None:
    given = '夜猫=夜班占比 > 0.3; 骨干=tag("强") and not tag(“夜猫”)；强=strengths >= 2'
    found = run("capability.profile", facts_of(world()), {"tags": given})
    assert bearers(found) == {"夜猫": ["owl"], "骨干": ["ace", "star"], "强": ["ace", "star"]}
    assert found.table("tags").column("tag").to_pylist() == ["夜猫", "骨干", "强"]
    shown = found.polars().filter(group="tag", agent_id="owl").row(0, named=True)
    assert (shown["value"], shown["as_of"]) == ("夜班占比 > 0.3", date(2026, 3, 31))


def test_no_rules_no_tags(facts_of: FactsOf) -> None:
    found = run("capability.profile", facts_of(world()), {"tags": {}})
    assert bearers(found) == {}
    assert found.table("tags").num_rows == 0
    assert found.values["tagged"] == 0


def test_slips_of_the_pen_in_rules_are_pointed_out(facts_of: FactsOf) -> None:
    tags = {"a": 'strong("投述") or trained("投诉", 9)', "b": 'tag("学力") == "本科"', "c": 'tag("学历") == "本科" or not tag("a")'}
    found = profile(facts_of(world()), tags=tags)
    said = [(note.code, dict(note.facts)) for note in found.notes if note.code.startswith("tag_")]
    assert said == [("tag_business_unknown", {"tag": "a", "business": "投述"}), ("tag_never_imported", {"tag": "b", "name": "学力"})]
    nobody = profile(facts_of(world()), tags={"d": 'not tag("学力")', "e": 'not tag("学历")'}).tables["tags"].to_pylist()
    assert [(row["agents"], row["not_known"]) for row in nobody] == [(0, 20), (0, 0)]
    # The words of the default tags for complaints in another language are no slip.
    assert not [note for note in profile(facts_of(world())).notes if note.code.startswith("tag_")]


def test_a_bad_rule_is_refused_before_anything_is_computed(facts_of: FactsOf) -> None:
    with pytest.raises(CoachlineError, match="uses tenure, which is not known"):
        profile(facts_of({"calls": []}), tags={"new": "tenure < 180"})


def test_a_text_means_a_level_of_the_path() -> None:
    businesses = ["国际业务/投诉/国际件投诉", "国际业务/查询", "投诉", "Parcels/Complaint / late", "投诉咨询"]
    assert matching("投诉", businesses) == ["国际业务/投诉/国际件投诉", "投诉"]
    assert matching("国际业务/投诉", businesses) == ["国际业务/投诉/国际件投诉"]
    assert matching("投诉/国际件投诉/", businesses) == ["国际业务/投诉/国际件投诉"]
    assert matching("国际业务/国际件投诉", businesses) == []
    assert matching("complaint", businesses) == ["Parcels/Complaint / late"]
    # Only where no level is the text do parts of levels count.
    assert matching("咨询", businesses) == ["投诉咨询"]
    assert matching("国际", businesses) == ["国际业务/投诉/国际件投诉", "国际业务/查询"]
    assert matching("/", businesses) == matching("没有", businesses) == []


def test_resolution_stands_for_a_business_where_it_is_recorded() -> None:
    weights = {"passed": 0.0, "repeat": 1.0, "resolved": 4.0}
    assert representative({"satisfied", "resolved", "repeat"}, weights) == "resolved"
    assert representative({"satisfied", "passed", "repeat"}, weights) == "repeat"
    assert representative({"handle_time", "satisfied", "passed"}, weights) == "satisfied"
    assert representative({"handle_time"}, weights) is None


def test_a_business_below_a_target_is_no_strength(facts_of: FactsOf) -> None:
    """Better than usual and still below what the centre asks: the target wins."""
    rows = world()
    rows["businesses"] = [{"business": "国际业务/投诉", "standard": [("resolved", 0.9999)]}]
    found = run("capability.profile", facts_of(rows), {"tags": 'nine=strengths == 9; mixed=strong("投诉") and below("投诉")'})
    strong = found.polars().filter(group="strength")
    assert set(strong.filter(agent_id="star")["business"]) == {COMPLAINTS[1]}
    # By the index, which compares people, this one is strong on all ten.
    index = found.polars().filter(agent_id="ace", group="skill", tag="index")
    assert set(index["value"]) == {"strong"}
    assert set(strong.filter(agent_id="ace")["business"]) == {COMPLAINTS[1], *OTHERS}
    assert bearers(found) == {"nine": ["ace"], "mixed": ["ace", "star"]}


def test_what_was_only_examined_is_no_skill(facts_of: FactsOf) -> None:
    rows, rng = world(), np.random.default_rng(2)
    rows["exams"] = [
        {"exam_id": "e", "item": f"q{n}", "agent_id": agent, "business": "新业务", "taken_at": at("2026-03-02 09:00"), "correct": bool(rng.random() < share)}
        for agent, share in {**dict.fromkeys(ORDINARY, 0.5), "ace": 1.0}.items()
        for n in range(60)
    ]  # fmt: skip
    facts = facts_of(rows)
    cells = pl.from_arrow(matrix(facts, unseen=False, outcome="index").tables["matrix"])
    assert isinstance(cells, pl.DataFrame)
    assert cells.filter(agent_id="ace", business="新业务")["verdict"].to_list() == ["strong"]
    found = run("capability.profile", facts, {"tags": 'ten=strengths == 10; new=strong("新业务")'})
    assert bearers(found) == {"ten": ["ace"]}
    assert set(found.polars().filter(business="新业务")["group"]) == {"exam"}


def test_people_who_are_all_alike_get_neither_strengths_nor_weaknesses(facts_of: FactsOf) -> None:
    rng = np.random.default_rng(1)
    calls = [row for agent in ORDINARY for row in cells(agent, OTHERS, rng)]
    found = run("capability.profile", facts_of({"calls": calls}), {})
    assert set(found.polars()["group"]) == {"basics", "skill"}
    assert found.values["strengths"] == found.values["weak_spots"] == 0
    assert "nothing_to_tell_apart" in {note.code for note in found.notes}
