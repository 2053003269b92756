"""Rosters: the public staff rostering instances against their best known values, strong agents for dense queues, and a month of a large centre.

``python -m bench.roster_plan 1 2 strong60 month60`` measures some of them; the pages show all that have been measured. The public instances beyond the
five of the shared data are read from the folder that ``SHIFT_INSTANCES`` names.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

import coachline
from bench.measure import Line, timed
from bench.roster_worlds import by_heads_alone, strong_for_dense
from bench.shift_instances import Instance
from coachline.engine.roster.solver.costs import roster_cost
from coachline.engine.roster.solver.solving import solve

ROOT = Path(__file__).parents[1]
PAGES = {language: ROOT / "docs" / f"bench-roster-plan.{language}.md" for language in ("zh", "en")}
RECORD = ROOT / "bench" / ".data" / "roster_plan.json"
FOLDERS = tuple(
    Path(folder) for folder in (os.environ.get("SHIFT_INSTANCES", ""), str(ROOT.parent / "shared" / "data" / "shifts")) if folder
)

BEST_KNOWN: Mapping[int, int] = {
    1: 607, 2: 828, 3: 1001, 4: 1716, 5: 1143, 6: 1950, 7: 1056, 8: 1300, 9: 439, 10: 4631, 11: 3443, 12: 4040, 13: 1348, 14: 1278, 15: 3834,
    16: 3225, 17: 5746, 18: 4459,
}  # fmt: skip
QUICK = (1, 2, 3, 4, 5, 6, 7, 10, 11)
"""Asked for at the best known value within a minute; the others within 2 % in ten."""
MINUTE, TEN_MINUTES = 60.0, 600.0
MONTH = ("--agents", "300", "--businesses", "20", "--days", "84", "--calls", "400000", "--seed", "1")


@dataclass(frozen=True)
class Rostered:
    """One problem and what came of it in its time.

    Attributes
    ----------
    name : str
    given, seconds : float
        Time allowed, and taken.
    cost, bound : float
        Of the instance's penalties, or of calls resolved (then both are gains and `cost` is below `bound`).
    rival : float
        Best known value; or what a roster by heads alone resolves.
    """

    name: str
    given: float
    seconds: float
    cost: float
    bound: float
    rival: float

    @property
    def gap(self) -> float:
        """To the bound, as a share."""
        return abs(self.cost - self.bound) / abs(self.cost)

    @property
    def above(self) -> float:
        """Beyond the best known value, as a share."""
        return self.cost / self.rival - 1.0


def instance(number: int) -> Rostered | None:
    """A public instance; None where its file is not here. Its roster is counted apart from the solver, and a broken rule is an error."""
    path = next((file for folder in FOLDERS if (file := folder / f"Instance{number}.txt").exists()), None)
    if path is None:
        return None
    known = Instance.read(path)
    given = MINUTE if number in QUICK else TEN_MINUTES
    cost, solved = timed(lambda: solve(known.problem(), given))
    assert solved.schedule is not None
    found = known.cost(solved.schedule.shift)
    return Rostered(str(number), given, cost.wall_s, found, solved.bound + known.everything_missing, BEST_KNOWN[number])


def strong(people: int) -> Rostered:
    """Strong agents for dense queues, against a roster that counts heads alone."""
    problem = strong_for_dense(people)
    given = 5.0 if people <= 60 else MINUTE
    cost, solved = timed(lambda: solve(problem, given))
    flat = solve(by_heads_alone(problem), given)
    assert flat.schedule is not None
    return Rostered(f"strong{people}", given, cost.wall_s, -solved.cost, -solved.bound, -roster_cost(problem, flat.schedule))


def month(given: float) -> Rostered:
    """Four weeks of a simulated centre of 300 agents and 20 businesses, through the analysis itself."""
    folder = RECORD.parent / "centre-300"
    if not folder.exists():
        subprocess.run([sys.executable, "-m", "coachline", "simulate", str(folder), *MONTH], check=True)
    with coachline.open(folder) as centre:
        cost, result = timed(lambda: centre.run("roster.plan", seconds=given))
    values = result.values
    return Rostered(f"month{given:.0f}", given, cost.wall_s, -float(values["cost"]), -float(values["bound"]), float("nan"))


def measured(name: str) -> Rostered | None:
    if name.startswith("strong"):
        return strong(int(name.removeprefix("strong")))
    if name.startswith("month"):
        return month(float(name.removeprefix("month")))
    return instance(int(name))


def measure(*, quick: bool = False) -> list[Line]:
    """What takes a minute each; what takes ten is measured by name. The pages are written unless `quick`."""
    names = [str(number) for number in (QUICK[:4] if quick else QUICK)] + (["strong60"] if quick else ["strong60", "strong150", "month60"])
    done = [each for name in names if (each := measured(name)) is not None]
    if not quick:
        keep(done)
    return [line for each in done for line in lines(each)]


def lines(each: Rostered) -> list[Line]:
    """What was asked of it."""
    if each.name.startswith("strong"):
        return [
            Line(
                f"roster of {each.name.removeprefix('strong')}, strong agents for dense queues: gap after {each.given:.0f} s",
                each.gap,
                "",
                1e-6,
            )
        ]
    if each.name.startswith("month"):
        goal = None if each.given < TEN_MINUTES else 0.02
        return [Line(f"a month for 300 agents and 20 businesses: gap after {each.given:.0f} s", each.gap, "", goal)]
    goal = 0.0 if int(each.name) in QUICK else 0.02
    return [Line(f"public roster instance {each.name}: beyond the best known value after {each.given:.0f} s", each.above, "", goal)]


def keep(done: Iterable[Rostered]) -> None:
    """Put figures beside those of other days, and write the pages of all."""
    known = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    known.update({each.name: asdict(each) for each in done})
    RECORD.parent.mkdir(exist_ok=True)
    RECORD.write_text(json.dumps(known, indent=1))
    every = [Rostered(**fields) for fields in known.values()]
    for language, page in PAGES.items():
        page.write_text(_page(every, language), encoding="utf-8")


WORDS = {
    "zh": (
        "# 测速：排班\n\n由 `python -m bench.run --only roster_plan` 与 `python -m bench.roster_plan 名称…` 写成（2 个核心）。\n",
        "## 公开的排班题\n\nCurtois 与 Qu（2014）的排班题。“已知最好”取自公开的记录；1–7、10、11 题给 60 秒，其余给 10 分钟。每张班表都由另写的程序逐条规则核对、逐行计分。\n",
        "| 题 | 秒（限） | 得分 | 已知最好 | 相差 | 下界 |",
        "## 优对多\n\n28 天、3 个班次、5 个队列，每人至多 20 个班（160 小时）、7 天中至多 6 天、晚班次日不上早班；数字是办结的电话数。“只看人头”是同一求解器，只是把人人当作一样。\n",
        "| 坐席 | 秒（限） | 办结 | 上界 | 只看人头 |",
        "## 一个月的班表\n\n模拟中心：300 名坐席、20 项业务、4 周、半小时一格，从事实到班表全程经过 `roster.plan`。数字是排班目标（办结电话加减各项软规则）。\n",
        "| 限时（秒） | 用时（秒） | 目标 | 上界 | 差距 |",
    ),
    "en": (
        "# Bench: rosters\n\nWritten by `python -m bench.run --only roster_plan` and `python -m bench.roster_plan NAME…` (2 cores).\n",
        "## Public instances\n\nThe staff rostering instances of Curtois & Qu (2014). Best known values as published; 1-7, 10 and 11 get 60 s, the others ten minutes. Every roster is checked rule by rule and counted line by line by code of its own.\n",
        "| instance | s (of) | value | best known | beyond it | bound |",
        "## Strong agents for dense queues\n\n28 days, 3 shifts, 5 queues, at most 20 shifts (160 hours) each, 6 days in 7, no early shift after a late one; figures are calls resolved. “Heads alone” is the same solver where nobody is better than another.\n",
        "| agents | s (of) | resolved | bound | heads alone |",
        "## A month\n\nA simulated centre of 300 agents, 20 businesses, 4 weeks, half-hours: from facts to roster through `roster.plan`. Figures are the plan's goal (calls resolved, soft rules counted in).\n",
        "| s given | s taken | goal | bound | gap |",
    ),
}


def _page(every: Iterable[Rostered], language: str) -> str:
    head, public, public_columns, dense, dense_columns, large, large_columns = WORDS[language]
    known = {each.name: each for each in every}
    numbered = sorted((each for name, each in known.items() if name.isdigit()), key=lambda each: int(each.name))
    strongs = [each for name, each in sorted(known.items(), key=lambda item: len(item[0])) if name.startswith("strong")]
    months = sorted((each for name, each in known.items() if name.startswith("month")), key=lambda each: each.given)
    text = [head]
    for title, columns, rows in (
        (public, public_columns, [f"{e.name} | {e.seconds:.1f} ({e.given:.0f}) | {e.cost:.0f} | {e.rival:.0f} | {e.above:.2%} | {e.bound:.0f}" for e in numbered]),
        (dense, dense_columns, [f"{e.name.removeprefix('strong')} | {e.seconds:.1f} ({e.given:.0f}) | {e.cost:.1f} | {e.bound:.1f} | {e.rival:.1f}" for e in strongs]),
        (large, large_columns, [f"{e.given:.0f} | {e.seconds:.1f} | {e.cost:.1f} | {e.bound:.1f} | {e.gap:.2%}" for e in months]),
    ):  # fmt: skip
        if rows:
            text += [title, columns, "|" + "---|" * (columns.count("|") - 1), *(f"| {row} |" for row in rows), ""]
    return "\n".join(text)


if __name__ == "__main__":
    for asked in sys.argv[1:]:
        one = measured(asked)
        if one is not None:
            keep([one])
            print(one)
