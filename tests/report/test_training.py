"""The chapter on training: what it answers, the bias of before/after beside the effect, and what it leaves out and why."""

from __future__ import annotations

import re

import numpy as np
import pytest

from coachline.engine.facts import Facts
from coachline.report.blocks import Block, Paragraph, Picture, Table
from coachline.report.chapter import Desk, NothingToShow
from coachline.report.chapters import training
from tests.conftest import FactsOf
from tests.engine.training.centre_in_need import AGENTS, BUSINESSES, everything_in_need
from tests.engine.training.trained_centre import attended, calls_of, listed
from tests.report.test_service_quality import desk_over


def built(facts: Facts, language: str = "zh") -> tuple[Desk, list[Block]]:
    desk = desk_over(facts, language)
    return desk, list(training.CHAPTER.blocks(desk))


def texts(blocks: list[Block]) -> str:
    return "\n".join(block.text for block in blocks if isinstance(block, Paragraph))


def table(blocks: list[Block], caption: str) -> Table:
    return next(block for block in blocks if isinstance(block, Table) and block.caption.startswith(caption))


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_code_stands_where_a_word_should(facts_of: FactsOf, language: str) -> None:
    _, blocks = built(facts_of(everything_in_need()), language)
    written = []
    for block in blocks:
        shown = block.table if isinstance(block, Picture) else block
        if isinstance(shown, Table):
            written += [shown.caption, *(column.title for column in shown.columns), *(cell for row in shown.rows for cell in row.cells)]
    assert not [text for text in written if re.search(r"\b[a-z]{3,}[._][a-z_.]+\b", text)]
    codes = r"\b(report|column|reason|method|verdict|training_reason|proposal|note|check)\.[a-z_]+"
    assert not re.search(codes, texts(blocks))


def test_who_is_weak_is_named_and_grouped(facts_of: FactsOf) -> None:
    _, blocks = built(facts_of(everything_in_need()))
    needs = table(blocks, "预计收获最大的需求")
    named = {(row.cells[0], row.cells[1]) for row in needs.rows}
    assert (AGENTS[2], BUSINESSES[0]) in named
    # Three calls are no evidence, however bad: look first.
    assert (AGENTS[8], BUSINESSES[1]) not in named
    assert AGENTS[8] in {row.cells[0] for row in table(blocks, "先看一看").rows}
    assert table(blocks, "各组").rows
    mentors = table(blocks, "师徒结对")
    assert {row.cells[1] for row in mentors.rows if row.cells[2] == BUSINESSES[5]} <= {AGENTS[20], AGENTS[21]}


def test_before_and_after_stands_beside_the_effect_as_biased(facts_of: FactsOf) -> None:
    # Everybody was low by chance when chosen: all recover alike, trained or waiting.
    shares = np.full((16, 12), 0.8)
    shares[:, 4:6] = 0.5
    people = [f"a{k:02d}" for k in range(16)]
    facts = facts_of(
        {
            "calls": calls_of(shares),
            "trainings": attended(people[:8], 6),
            "enrolments": [*listed(people[:8], "trained", 5), *listed(people[8:], "waiting", 5)],
        }
    )
    _, blocks = built(facts)
    picture = next(block for block in blocks if isinstance(block, Picture) and block.title.startswith("培训一次的效果"))
    whole = picture.spec["rows"][0]
    assert whole["beside"] > 0.1
    assert whole["l"] <= 0 <= whole["h"]
    assert abs(whole["e"]) < 0.02
    assert "有偏" in whole["said"][1]
    assert "没有证据" in texts(blocks)


def test_parts_that_the_facts_do_not_allow_are_left_out_with_the_reason(facts_of: FactsOf) -> None:
    desk, blocks = built(
        facts_of({name: rows for name, rows in everything_in_need().items() if name not in ("exams", "trainings", "enrolments")})
    )
    left = "\n".join(f"{out.what}：{out.why}" for out in desk.left_out)
    assert "考试" in left and "培训周期" in left
    assert "没有可以评估的培训" in texts(blocks)
    assert table(blocks, "预计收获最大的需求").rows


def test_without_anything_the_chapter_says_what_to_import(facts_of: FactsOf) -> None:
    with pytest.raises(NothingToShow) as nothing:
        built(facts_of({"agents": [{"agent_id": "a"}]}))
    assert nothing.value.code == "report.training.nothing"
