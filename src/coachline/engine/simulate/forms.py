"""The inspection form: items, their points, how often each is truly missed, and what it has to do with the customer's lot."""

from __future__ import annotations

from dataclasses import dataclass

FORM, VERSION = "话务质检表", "2026-1"
BAR = 80.0
"""Score from which a call passes."""


@dataclass(frozen=True)
class Item:
    """One item.

    Attributes
    ----------
    name : str
    points : float
    base : float
        Logit of a true fault in an ordinary call of an ordinary agent.
    manner, knowledge : float
        Logits by which one standard deviation of the agent's gift for satisfying, for resolving, makes the fault rarer.
    unsatisfied, unresolved : float
        Logits by which such a call has the fault more often; both 0 for an item that predicts nothing.
    fault, remedy : str
        What an inspector writes: the fault alone, and what to do instead.
    """

    name: str
    points: float
    base: float
    manner: float
    knowledge: float
    unsatisfied: float
    unresolved: float
    fault: str
    remedy: str


SOLUTION = 5
"""Place of the item that ordinary inspections tend to overlook."""

ITEMS = (
    Item("开头语规范", 5, -2.7, 0.3, 0.0, 0.0, 0.0, "开头语不完整", "接起后三秒内说：您好，11185，很高兴为您服务，请问有什么可以帮您？"),
    Item("服务态度", 15, -3.3, 0.6, 0.0, 1.8, 0.3, "语气生硬", "客户着急时先说：您的心情我理解，我马上为您查询，请稍等。"),
    Item("倾听与理解", 10, -3.2, 0.3, 0.2, 1.0, 0.6, "打断客户", "等客户说完再复述一遍：您是想查询……，对吗？"),
    Item("语言表达", 10, -2.9, 0.4, 0.1, 0.6, 0.2, "用语不规范，语速偏快", "报单号时每四位停顿一次，并请客户复述核对。"),
    Item("业务准确", 20, -2.9, 0.0, 0.5, 0.5, 1.6, "业务口径解释有误", "先查知识库最新口径再答复；不确定时说：我核实后十分钟内给您回电。"),
    Item(
        "最佳解决方案",
        15,
        -2.55,
        0.1,
        0.5,
        0.6,
        1.2,
        "未给出最佳解决方案",
        "主动提供可选办法：网点自取、改派、或登记催办，并说明各自时限。",
    ),
    Item("处理效率", 5, -2.4, 0.0, 0.1, 0.0, 0.0, "查询时间偏长", "需要查询时先告知大约时长，超过三十秒回应客户一次。"),
    Item("首问责任", 5, -3.0, 0.2, 0.2, 0.6, 0.9, "推诿，让客户另打电话", "由本人登记并跟进到底，告知客户工单号和回复时限。"),
    Item("信息记录", 10, -2.6, 0.0, 0.2, 0.0, 0.4, "来电原因记录不完整", "按时间、地点、单号、诉求四项填写，挂机前核对。"),
    Item("结束语规范", 5, -2.5, 0.3, 0.0, 0.0, 0.0, "结束语缺失", "结束前问：请问还有其他可以帮您吗？感谢来电，再见。"),
)

REPEAT_REASONS = ("上次答复未解决", "承诺回复未回复", "客户不接受答复", "问题有新进展", "工单超时未处理")
