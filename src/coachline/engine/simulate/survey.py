"""A survey of the staff on quality inspection: six closed questions and an open one, in three strata."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.conform import conform
from coachline.engine.simulate.instants import instants
from coachline.engine.simulate.roster import DAY_S
from coachline.engine.simulate.world import World

SURVEY = "质检工作员工问卷"
STRATA = ("优秀", "良好", "普通")
SENT = 60
ANSWERS = 58
"""Of 60 sheets sent 58 come back; of fewer, the same share."""
QUESTIONS: tuple[tuple[str, tuple[tuple[str, float], ...]], ...] = (
    ("Q1 质检标准是否清楚", (("清楚", 0.98), ("不清楚", 0.02))),
    ("Q2 质检结果是否认可", (("认可", 0.98), ("不认可", 0.02))),
    ("Q3 质检对您的工作有无帮助", (("有帮助", 0.655), ("说不清", 0.328), ("没有帮助", 0.017))),
    ("Q4 上周是否有面对面辅导", (("有", 0.655), ("没有", 0.345))),
    ("Q5 辅导对您的帮助程度", (("80%以上", 0.121), ("50%-70%", 0.569), ("50%以下", 0.310))),
    ("Q6 质检员是否给出改进办法", (("是", 0.845), ("否", 0.155))),
)
OPEN_QUESTION = "Q7 您对质检工作的建议"
SUGGESTIONS = (
    "希望多给具体的解决办法", "希望质检员多来班组一对一辅导", "建议标准统一，不同质检员打分差别大", "多分享优秀录音", "抽样要公平，不要只抽不满意的电话",
    "疑难业务希望有统一口径", "希望及时反馈质检结果", "没有意见",
)  # fmt: skip


def ask(world: World, rng: np.random.Generator) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Send the sheets after two thirds of the period, 20 to each of three strata.

    Returns
    -------
    tuple
        The fact table; the truth ``survey_shares``: question, choice, share.
    """
    sent = min(SENT, world.people.count)
    back = round(sent * ANSWERS / SENT)
    stratum = np.arange(sent) * len(STRATA) // sent
    returned = np.zeros(sent, bool)
    returned[rng.permutation(sent)[:back]] = True
    sent_at = world.size.days * 2 // 3 * DAY_S + 9 * 3600
    delay = rng.integers(1800, 3 * DAY_S, sent).astype(float)
    questions = [name for name, _ in QUESTIONS] + [OPEN_QUESTION]
    rows: dict[str, list[str | float | None]] = {
        name: [] for name in ("respondent", "question", "stratum", "answered_at", "choice", "text")
    }
    for person in range(sent):
        for place, question in enumerate(questions):
            choice = text = None
            if returned[person] and place < len(QUESTIONS):
                options = QUESTIONS[place][1]
                choice = options[int(rng.choice(len(options), p=[share for _, share in options]))][0]
            elif returned[person]:
                text = SUGGESTIONS[int(rng.integers(len(SUGGESTIONS)))]
            row = (
                f"R{person + 1:03d}",
                question,
                STRATA[stratum[person]],
                sent_at + delay[person] if returned[person] else np.nan,
                choice,
                text,
            )
            for name, value in zip(rows, row, strict=True):
                rows[name].append(value)
    count = len(rows["question"])
    table = conform(
        "survey_answers",
        {
            "survey": [SURVEY] * count,
            **{name: pa.array(rows[name], pa.string()) for name in ("respondent", "question", "stratum", "choice", "text")},
            "sent_at": instants(world.size.start, np.full(count, float(sent_at))),
            "answered_at": instants(world.size.start, np.array(rows["answered_at"], np.float64)),
        },
    )
    shares = [(question, choice, share) for question, options in QUESTIONS for choice, share in options]
    truth = pa.table({name: [row[n] for row in shares] for n, name in enumerate(("question", "choice", "share"))})
    return table, {"survey_shares": truth}
