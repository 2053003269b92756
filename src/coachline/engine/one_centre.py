"""What belongs to whom when one lake holds several centres: people say it of themselves, calls by who took them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from functools import cached_property
from typing import TYPE_CHECKING

import ibis
import ibis.expr.types as ir

if TYPE_CHECKING:
    from coachline.engine.facts import Facts

OF_AN_AGENT = ("trainings", "enrolments", "exams", "shifts", "wishes")
"""Tables whose every row is about one agent."""

OF_ALL = ("businesses", "mystery_calls")
"""Tables that every centre sees in full: the tree of businesses is one, and a ranking by mystery calls is published to all that are ranked.
Which agent of another centre took a mystery call is nevertheless left out."""


class Belonging:
    """Which centre people, queues and calls belong to, in one view of the facts.

    An agent belongs to the centre that the table of agents names now, with all that they ever did; a call to the centre of its agent. A call without
    an agent (abandoned in the queue, ended in the IVR) belongs to the centre whose agents alone took calls of its queue; where the queue is not
    recorded, of its business. Where agents of several centres did, and where the agent is not listed, it belongs to none.

    Which centre has which queues and businesses is small and read once; what comes of it are plain conditions on columns, so that every later
    question costs one filter on any engine. Agents, of whom there may be thousands, are looked up in their table: long lists of literals within an
    "or" are compared one by one.

    Parameters
    ----------
    facts : Facts
        All of them.
    default : str, optional
        Centre of the agents for whom none is recorded. Without it they belong to the only centre there is, and to none where there are several.
    """

    def __init__(self, facts: Facts, default: str | None = None) -> None:
        self.facts = facts
        self.default = default

    @cached_property
    def named(self) -> tuple[str, ...]:
        """The centres that stand in the table of agents."""
        return tuple(sorted(centre for centre in self._recorded if centre is not None))

    @cached_property
    def centres(self) -> tuple[str, ...]:
        """The centres that can be asked for."""
        someone_without = not self.named or None in self._recorded
        added = {self.default} if self.default is not None and someone_without else set()
        return tuple(sorted({*self.named, *added}))

    @cached_property
    def queues(self) -> Mapping[str, str]:
        """Queues in which agents of one centre alone took calls."""
        return self._sole["queue"]

    @cached_property
    def businesses(self) -> Mapping[str, str]:
        """Businesses of which agents of one centre alone took calls."""
        return self._sole["business"]

    @cached_property
    def calls_of_no_centre(self) -> int:
        """Calls that only the whole group sees."""
        calls = self.facts.table("calls")
        owned = calls.filter(self._owned(calls, self.centres))
        return self.facts.rows("calls") - int(self.facts.collect(owned.aggregate(n=owned.count()))["n"][0].as_py())

    def rows(self, name: str, centre: str, part: ir.Table | None = None) -> ir.Table:
        """The rows of table `name`, or of a part of it, that `centre` may see, and for none of them a person of another centre."""
        table = self.facts.table(name) if part is None else part
        own = self._people(centre)
        if name == "agents" or name in OF_AN_AGENT:
            return table.filter(table.agent_id.isin(own))
        match name:
            case "calls":
                return table.filter(self._owned(table, (centre,)))
            case "inspections":
                return self._inspections(table, centre)
            case "inspection_items":
                return table.semi_join(self.rows("inspections", centre).select("inspection_id"), "inspection_id")
            case "transcripts":
                return table.semi_join(self._calls_named_in(table, centre), "call_id")
            case "mystery_calls":
                return self._mystery_calls(table, centre)
            case "survey_answers":
                # Answers under a number that names no agent are anonymous: nobody can say whose they are, so they are everybody's.
                return table.filter(~table.survey.isin(self._surveys_with_names) | table.respondent.isin(own))
            case _:
                assert name in OF_ALL, name
                return table

    def _people(self, *centres: str) -> ir.StringColumn:
        """Agents of any of `centres`."""
        agents = self.facts.table("agents")
        return agents.filter(self._of(agents).isin(centres)).agent_id

    def _of(self, agents: ir.Table) -> ir.StringColumn:
        """The centre of each agent, null for those of none."""
        return ibis.coalesce(agents.centre, self._of_the_rest) if self._of_the_rest else agents.centre

    def _owned(self, calls: ir.Table, centres: Collection[str]) -> ir.BooleanValue:
        """The condition that a call belongs to one of `centres`."""

        def theirs(of: Mapping[str, str]) -> list[str]:
            return [name for name, centre in of.items() if centre in centres]

        by_business = calls.queue.isnull() & calls.business.isin(theirs(self.businesses))
        waiting = calls.agent_id.isnull() & (calls.queue.isin(theirs(self.queues)) | by_business)
        return calls.agent_id.isin(self._people(*centres)) | waiting

    def _mystery_calls(self, table: ir.Table, centre: str) -> ir.Table:
        agents = self.facts.table("agents")
        people = agents.select(listed="agent_id", of=self._of(agents))
        joined = table.left_join(people, table.agent_id == people.listed)
        known = (joined.of == centre) | (joined.listed.isnull() & (joined.centre == centre))
        who = ibis.ifelse(known, joined.agent_id, ibis.null("string"))
        return joined.select(**{name: who if name == "agent_id" else joined[name] for name in table.columns})

    def _inspections(self, table: ir.Table, centre: str) -> ir.Table:
        own = table.agent_id.isin(self._people(centre))
        unlisted = table.anti_join(self.facts.table("agents"), "agent_id")
        if not self._any(unlisted):
            return table.filter(own)
        by_call = self._calls_named_in(unlisted, centre)
        return table.filter(own | table.inspection_id.isin(unlisted.semi_join(by_call, "call_id").inspection_id))

    def _calls_named_in(self, table: ir.Table, centre: str) -> ir.Table:
        """Numbers of calls named in `table` that belong to `centre`, all calls of that number.

        Two call systems may number alike; a number that another centre's call bears, too, tells nothing.
        """
        numbers = table.select("call_id").distinct()
        own, every = (calls.semi_join(numbers, "call_id") for calls in (self.rows("calls", centre), self.facts.table("calls")))
        own, every = own.group_by("call_id").aggregate(own=own.count()), every.group_by("call_id").aggregate(every=every.count())
        both = own.inner_join(every, "call_id")
        return both.filter(both.own == both.every).select("call_id")

    @property
    def _of_the_rest(self) -> str | None:
        """The centre of agents for whom none is recorded."""
        return self.centres[0] if self.default is None and len(self.centres) == 1 else self.default

    @cached_property
    def _recorded(self) -> set[str | None]:
        """What stands in the table of agents as their centre."""
        agents = self.facts.table("agents")
        return set(self.facts.collect(agents.select("centre").distinct())["centre"].to_pylist())

    @cached_property
    def _sole(self) -> Mapping[str, Mapping[str, str]]:
        """For queues and for businesses: those of which agents of a single centre took calls."""
        calls, agents = self.facts.table("calls"), self.facts.table("agents")
        people = agents.select("agent_id", of=self._of(agents)).filter(lambda t: t.of.notnull())
        taken = calls.select("queue", "business", "agent_id").inner_join(people, "agent_id")
        takers: dict[str, dict[str, set[str]]] = {"queue": defaultdict(set), "business": defaultdict(set)}
        for row in self.facts.collect(taken.group_by(["queue", "business", "of"]).aggregate(n=taken.count())).to_pylist():
            for column, known in takers.items():
                if row[column] is not None:
                    known[row[column]].add(row["of"])
        return {column: _of_one(of.items()) for column, of in takers.items()}

    @cached_property
    def _surveys_with_names(self) -> list[str]:
        """Surveys whose respondents are agents."""
        answers = self.facts.table("survey_answers")
        named = answers.filter(answers.respondent.isin(self.facts.table("agents").agent_id)).select("survey").distinct()
        return [str(survey) for survey in self.facts.collect(named)["survey"].to_pylist()]

    def _any(self, rows: ir.Table) -> bool:
        return len(self.facts.collect(rows.limit(1).select("agent_id"))) > 0


def _of_one(takers: Iterable[tuple[str, set[str]]]) -> dict[str, str]:
    return {name: next(iter(centres)) for name, centres in takers if len(centres) == 1}
