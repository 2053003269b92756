"""What was said in a small share of the calls: short Chinese dialogues put together from phrases."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.conform import conform, empty
from coachline.engine.simulate.ledger import ANSWERED
from coachline.engine.simulate.world import World

SHARE, MOST = 0.01, 5_000
GREETINGS = ("您好，11185，很高兴为您服务，请问有什么可以帮您？", "您好，请问有什么可以帮您？", "喂，您好。")
ASKS = (
    "你好，我想问一下{title}的事情。", "我这个{title}，怎么好几天了还没有消息？", "请问{title}怎么弄？", "我要反映一下{title}的问题。", "上次我打过电话，{title}还是没有解决。",
)  # fmt: skip
CLARIFIES = ("请您提供一下单号，我帮您查一下。", "好的，请问您的联系电话是多少？", "麻烦您说一下寄件日期和收件地址。")
DETAILS = ("单号是后面四位{digits}。", "就是上个星期寄的，尾号{digits}。", "我记不清了，短信里尾号是{digits}。")
SEARCHES = ("请您稍等，我马上为您查询。", "好的，我这边查一下，请不要挂机。")
SOLVES = (
    "查到了，预计明天送达，到时投递员会给您打电话。",
    "我已经为您办好了，您会收到一条短信。",
    "按规定可以到网点凭身份证办理，最近的网点八点半营业。",
)
FAILS = ("系统显示还在处理中，您再等等看。", "这个我不太清楚，您打一下投递局的电话吧。", "目前没有更多的信息，建议您过两天再来电。")
TICKETS = ("我为您登记催办，三个工作日内给您回复。", "我已经生成工单，工单尾号{digits}，请您保持电话畅通。")
THANKS = ("好的，谢谢你。", "行，麻烦你了。", "太好了，谢谢。")
GRUMBLES = ("怎么每次都这样说？", "你们这个服务真是的。", "那我过两天再打吧。", "我要投诉！")
CLOSINGS = ("不客气，感谢您的来电，再见。", "请问还有其他可以帮您吗？感谢来电，祝您生活愉快。", "好的，再见。")
PROMPT = "请您对本次服务进行评价，满意请按1，一般请按2，不满意请按3。"


def speak(world: World, call_ids: pa.Array, rng: np.random.Generator) -> pa.Table:
    """Transcripts of about one in a hundred answered calls, at most 5,000.

    Solved calls end with a solution and thanks, others with an evasion; the phrases of the agent lean on neither the agent nor the
    inspection.
    """
    ledger = world.ledger
    spoken = np.flatnonzero((ledger["outcome"] == ANSWERED) & ~ledger["outbound"] & ~ledger["chat"] & (ledger["talk_s"] >= 20))
    count = min(MOST, max(1, round(len(spoken) * SHARE))) if len(spoken) else 0
    if not count:
        return empty("transcripts")
    calls = np.sort(rng.permutation(spoken)[:count])
    role: list[str] = []
    text: list[str] = []
    turns: list[int] = []
    for call in calls:
        said = _dialogue(world, int(call), rng)
        role += [who for who, _ in said]
        text += [words for _, words in said]
        turns.append(len(said))
    length = np.array([len(words) for words in text], np.float64)
    each = np.repeat(np.arange(count), turns)
    first = np.concatenate([[0], np.cumsum(turns)[:-1]])
    talk_ms = ledger["talk_s"][calls].astype(np.float64)[each] * 1000
    # Turns share the talk time by their length, with a little silence after each.
    until = np.cumsum(length)
    before = until - length
    total, start = np.add.reduceat(length, first)[each], before[first][each]
    begins = (before - start) / total * talk_ms
    ends = begins + 0.92 * length / total * talk_ms
    return conform(
        "transcripts",
        {
            "call_id": call_ids.take(pa.array(calls)).take(pa.array(each)),
            "turn": np.arange(len(text)) - first[each] + 1,
            "role": role,
            "starts_ms": begins.astype(np.int64),
            "ends_ms": ends.astype(np.int64),
            "text": text,
        },
    )


def _dialogue(world: World, call: int, rng: np.random.Generator) -> list[tuple[str, str]]:
    ledger = world.ledger
    facts = {"title": world.businesses.title[int(ledger["business"][call])], "digits": f"{int(rng.integers(10_000)):04d}"}
    solved, happy = ledger["resolved"][call] == 1, ledger["satisfied"][call] == 1

    def one(phrases: tuple[str, ...]) -> str:
        return phrases[int(rng.integers(len(phrases)))].format(**facts)

    said = [("agent", one(GREETINGS)), ("customer", one(ASKS[4:] if ledger["cause"][call] >= 0 else ASKS[:4]))]
    if rng.random() < 0.7:
        said += [("agent", one(CLARIFIES)), ("customer", one(DETAILS))]
    said += [("agent", one(SEARCHES)), ("agent", one(TICKETS if ledger["ticketed"][call] else SOLVES if solved else FAILS))]
    said += [("customer", one(THANKS if happy else GRUMBLES)), ("agent", one(CLOSINGS))]
    if ledger["invited"][call]:
        said.append(("system", PROMPT))
    return said
