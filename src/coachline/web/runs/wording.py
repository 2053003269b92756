"""What a run is about, what it does and why it failed, in words."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from coachline.report.terms import Terms
from coachline.web.runs.models import Run
from coachline.wording import Wording


def name(run: Run, words: Wording) -> str:
    """An analysis or a page by its title, with the days it is about; a file by its name; work of which there is one kind only, by that."""
    if run.kind == "analysis":
        return words(f"analysis.{run.name}.title")
    if run.kind == "page":
        title = words(f"web.page.{run.name}")
        since, until = run.parameters.get("since"), run.parameters.get("until")
        if since or until:
            return words("web.runs.page_of_days", page=title, since=since or "…", until=until or "…")
        return title
    if run.name == run.kind:
        return words(f"web.runs.kind.{run.kind}")
    return run.name


def called(run: Run) -> str:
    """What the journal calls it for good: its kind and name, in the language of the centre."""
    words = Wording()
    return " ".join(dict.fromkeys((words(f"web.runs.kind.{run.kind}"), name(run, words))))


def versions(run: Run, words: Wording) -> str:
    """The tables that it read, each with its version."""
    terms = Terms(words)
    return str(terms.listed(f"{terms.table(table)} {version}" for table, version in run.lake.items()))


def step(run: Run, words: Wording) -> str:
    """What is being done; a step of an import is known to the command line, too."""
    if not run.step:
        return words(f"web.runs.state.{run.state}")
    return words(run.step)


def error(run: Run, words: Wording) -> str:
    """Why it failed, as a sentence that says what to do; empty where nothing went wrong."""
    if run.state == Run.State.LOST:
        return words("web.runs.lost")
    if run.state != Run.State.FAILED or not run.error:
        return ""
    return words(f"error.{run.error['code']}", **run.error["facts"])


def lines(run: Run, words: Wording) -> list[dict[str, Any]]:
    """The log, the newest line first."""
    return [{"at": datetime.fromisoformat(line["at"]), "text": _line(line, words)} for line in reversed(run.log)]


def _line(line: dict[str, Any], words: Wording) -> str:
    facts = dict(line["facts"])
    if "analysis" in facts:
        facts["analysis"] = words(f"analysis.{facts['analysis']}.title")
    if isinstance(facts.get("reason"), dict):
        facts["reason"] = words(f"error.{facts['reason']['code']}", **facts["reason"]["facts"])
    return words(line["code"], **facts)
