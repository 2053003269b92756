"""When each person should see which item again: spaced repetition with FSRS.

A card is a person's item. A right answer in an exam is a review "good", a wrong one "again"; a training by drill is a review "good" of the person's items of that
business, or, where none has been asked of them yet, of the business as a whole.

References
----------
Ye, J., Su, J. & Cao, Y. (2022), KDD '22, 4381-4390; FSRS-6 as in the package ``fsrs``, with its default parameters.
"""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

import polars as pl

from coachline.engine.facts import Facts
from coachline.engine.training.exam_answers import exam_answers
from coachline.errors import CoachlineError

DRILL = pl.Schema(
    {
        "agent_id": pl.String(),
        "item": pl.String(),
        "business": pl.String(),
        "due": pl.Date(),
        "recall_today": pl.Float64(),
        "reviews": pl.Int64(),
        "last_review": pl.Date(),
    }
)
"""``recall_today``: probability of knowing it on the day of the facts' end; ``item`` null stands for the business as a whole."""


def drill_table(facts: Facts, recall: float) -> tuple[pl.DataFrame, datetime | None]:
    """The cards (schema `DRILL`), those due first, and the day that counts as today: the end of the last day of exams, trainings and calls.

    Parameters
    ----------
    facts : Facts
    recall : float
        Probability of recall at which an item is due.
    """
    from fsrs import Card, Rating, Scheduler

    events = _events(facts)
    today = _today(facts)
    if events.is_empty() or today is None:
        return pl.DataFrame(schema=DRILL), today
    scheduler = Scheduler(desired_retention=recall, learning_steps=(), relearning_steps=(), enable_fuzzing=False)
    rows = []
    for (agent,), own in events.partition_by("agent_id", as_dict=True, maintain_order=True).items():
        cards: dict[tuple[str | None, str | None], Card] = {}
        seen: dict[tuple[str | None, str | None], int] = {}
        for item, business, when, right in own.select("item", "business", "when_us", "right").rows():
            moment = datetime.fromtimestamp(when / 1e6, tz=UTC)
            keys = [(item, business)] if item is not None else [key for key in cards if key[1] == business] or [(None, business)]
            for key in keys:
                card = cards.get(key) or Card(card_id=1, due=moment)
                cards[key], _ = scheduler.review_card(card, Rating.Good if right else Rating.Again, moment)
                seen[key] = seen.get(key, 0) + 1
        for (item, business), card in cards.items():
            assert card.last_review is not None
            due, last = (moment.astimezone(facts.zone).date() for moment in (card.due, card.last_review))
            rows.append((agent, item, business, due, scheduler.get_card_retrievability(card, today), seen[item, business], last))
    return pl.DataFrame(rows, schema=DRILL, orient="row").sort("due", "agent_id", "business", "item"), today


def _events(facts: Facts) -> pl.DataFrame:
    """Reviews in order: agent_id, item, business, when_us, right."""
    columns = {"agent_id": pl.String(), "item": pl.String(), "business": pl.String(), "when_us": pl.Int64(), "right": pl.Boolean()}
    parts = [pl.DataFrame(schema=columns)]
    if facts.has("exams"):
        try:
            data = exam_answers(facts, None, None)
        except CoachlineError:
            data = None
        if data is not None:
            # An item is one card, whatever business an exam names for it.
            about = data.bank.select("item", bank_business="business")
            parts.append(
                data.frame.join(about, on="item").select(
                    "agent_id", "item", business="bank_business", when_us=pl.col("taken_us").cast(pl.Int64), right="right"
                )
            )
    if facts.has("trainings"):
        table = facts.table("trainings")
        drills = table.filter(table.method == "drill", table.business.notnull())
        found = pl.DataFrame(facts.collect(drills.select("agent_id", "business", when_us=facts.epoch_us(drills.started_at))))
        parts.append(
            found.select(
                "agent_id", pl.lit(None, pl.String).alias("item"), "business", pl.col("when_us").cast(pl.Int64), pl.lit(True).alias("right")
            )
        )
    return pl.concat(parts).filter(pl.col("when_us").is_not_null()).sort("agent_id", "when_us", "item", "business")


def _today(facts: Facts) -> datetime | None:
    """The end of the last day of which there are facts."""
    ends = [
        facts.days(*place) for place in (("exams", "taken_at"), ("trainings", "started_at"), ("calls", "arrived_at")) if facts.has(place[0])
    ]
    last = max((span[1] for span in ends if span is not None), default=None)
    return None if last is None else datetime.combine(last + timedelta(days=1), time(), facts.zone).astimezone(UTC)
