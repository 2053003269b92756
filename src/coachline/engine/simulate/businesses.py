"""The businesses of a postal hotline: a tree of up to three levels, with their share of the calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from coachline.engine.simulate.size import CentreSize
from coachline.engine.tables import TABLES

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("特快专递", ("国内特快", "次日达", "代收货款", "同城特快", "法院专递")),
    ("国内包裹", ("快递包裹", "普通包裹", "家乡包裹", "大件包裹", "电商退货")),
    ("国际业务", ("国际件", "国际特快", "国际小包", "国际包裹", "港澳台件")),
    ("邮政储蓄", ("储蓄卡", "存折", "定期存款", "短信通知", "手机银行")),
    ("函件业务", ("挂号信", "平信", "账单函件", "明信片", "约投挂号")),
    ("汇兑业务", ("普通汇款", "加急汇款", "按址汇款", "密码汇款", "国际汇款")),
    ("报刊订阅", ("报纸", "杂志", "校园报刊", "党报党刊", "网上订报")),
    ("集邮业务", ("纪念邮票", "年册", "首日封", "集邮会员", "个性化邮票")),
    ("代理业务", ("代售车票", "代缴电费", "代缴话费", "代办车驾管", "代售彩票")),
    ("电子商务", ("网上商城", "积分兑换", "优惠券", "订单", "电子发票")),
    ("物流业务", ("整车物流", "零担物流", "仓储", "冷链配送", "一体化物流")),
    ("政务服务", ("身份证寄递", "护照寄递", "出入境证件", "不动产证寄递", "税务票据")),
    ("网点服务", ("邮政支局", "自提点", "智能包裹柜", "邮政信箱", "村邮站")),
    ("邮编资费", ("邮政编码", "国内资费", "国际资费", "保价费", "包装费")),
    ("理赔服务", ("丢失件", "破损件", "延误件", "保价件", "短少件")),
    ("大客户服务", ("协议客户", "月结账户", "揽收合同", "专属客服", "对账单")),
    ("客户维系", ("会员账户", "积分", "回访", "客户资料", "短信订阅")),
    ("邮乐购", ("农资产品", "地方特产", "批销订单", "站点加盟", "惠农卡")),
    ("保险业务", ("车险", "寿险", "简易险", "保单", "续期缴费")),
    ("热线建议", ("热线服务", "营业厅服务", "投递服务", "揽收服务", "网站服务")),
)
"""First level -> what people call about in it."""

MATTERS = ("查询", "咨询", "投诉", "办理", "催办", "变更", "预约", "资费", "建议", "赔偿")
"""Second level: what they want. The third level is the two together, as in 国际业务/查询/国际件查询."""

TWO_LEVELS = frozenset({"网点服务", "邮编资费"})
"""Families whose tree ends at the second level."""

OUTBOUND_FAMILY, OUTBOUND_TITLES = "外呼服务", ("电话销售", "市场调查", "账单回访")
FEWEST_WITH_OUTBOUND = 12

ZIPF = 0.9
"""Exponent of the business volumes."""


@dataclass(frozen=True)
class Businesses:
    """The drawn businesses; arrays have one entry per business (B) unless said otherwise."""

    path: list[str]
    title: list[str]
    family: np.ndarray
    family_names: list[str]
    outbound: np.ndarray
    share: np.ndarray
    """Share of the inbound calls, 0 for outbound businesses."""
    outbound_share: np.ndarray
    talk_s: np.ndarray
    """Median talk time, seconds."""
    repeat: np.ndarray
    """Probability that a customer whose problem stayed unsolved calls again within seven days."""
    queue: np.ndarray
    queue_names: list[str]
    minutes_to_train: np.ndarray

    @classmethod
    def draw(cls, size: CentreSize, rng: np.random.Generator) -> Businesses:
        """Draw the tree.

        Parameters
        ----------
        size : CentreSize
        rng : numpy.random.Generator

        Returns
        -------
        Businesses
        """
        n_outbound = len(OUTBOUND_TITLES) if size.businesses >= FEWEST_WITH_OUTBOUND else 0
        count = size.businesses - n_outbound
        families = min(size.families, count)
        leaves = _leaves(count, families, rng)
        family = np.array([f for f, _, _ in leaves] + [families] * n_outbound, np.int64)
        names = [FAMILIES[f][0] for f in range(families)] + ([OUTBOUND_FAMILY] if n_outbound else [])
        outbound = np.arange(size.businesses) >= count
        rank = np.concatenate([rng.permutation(count), np.zeros(n_outbound, np.int64)])
        share = np.where(outbound, 0.0, (rank + 1.0) ** -ZIPF)
        share /= share.sum()
        # Without businesses of its own, outbound work is calling back on the inbound ones.
        outbound_share = outbound / n_outbound if n_outbound else share
        queue, queue_names = _queues(family, share, names, size.queues, families)
        return cls(
            path=[p for _, p, _ in leaves] + [f"{OUTBOUND_FAMILY}/{t}" for t in OUTBOUND_TITLES[:n_outbound]],
            title=[t for _, _, t in leaves] + list(OUTBOUND_TITLES[:n_outbound]),
            family=family,
            family_names=names,
            outbound=outbound,
            share=share,
            outbound_share=outbound_share,
            talk_s=105.0 * np.exp(0.35 * rng.standard_normal(size.businesses)),
            repeat=np.clip(0.38 + 0.08 * rng.standard_normal(size.businesses), 0.1, 0.7),
            queue=queue,
            queue_names=queue_names,
            minutes_to_train=rng.integers(2, 13, size.businesses) * 15.0,
        )

    def table(self, resolved: np.ndarray, satisfied: np.ndarray) -> pa.Table:
        """The fact table; the standards are the businesses' own true means less four points and one point; none for outbound work."""
        goals = [
            None if out else [("resolved", round(float(r) - 0.04, 3)), ("satisfied", round(float(s) - 0.01, 3))]
            for r, s, out in zip(resolved, satisfied, self.outbound, strict=True)
        ]
        schema = TABLES["businesses"].schema
        return pa.table(
            {
                "business": self.path,
                "title": self.title,
                "standard": pa.array(goals, schema.field("standard").type),
                "minutes_to_train": self.minutes_to_train,
            }
        )


def _leaves(count: int, families: int, rng: np.random.Generator) -> list[tuple[int, str, str]]:
    """(family, path, title) of `count` leaves: at least one in each family, the usual matters first."""
    sizes = 1 + rng.multinomial(count - families, rng.dirichlet(np.full(families, 3.0)))
    room = len(MATTERS) * len(FAMILIES[0][1])
    while (spill := int(np.maximum(sizes - room, 0).sum())) > 0:
        sizes = np.minimum(sizes, room)
        open_families = np.flatnonzero(sizes < room)
        sizes[open_families] += rng.multinomial(spill, np.full(len(open_families), 1 / len(open_families)))
    leaves = []
    for family in range(families):
        name, objects = FAMILIES[family]
        # Leaf k combines matter and object so that the first few differ in both.
        for k in range(int(sizes[family])):
            matter, thing = MATTERS[(k + k // len(MATTERS)) % len(MATTERS)], objects[k // len(MATTERS)]
            title = thing + matter
            leaves.append((family, f"{name}/{title}" if name in TWO_LEVELS else f"{name}/{matter}/{title}", title))
    return leaves


def _queues(family: np.ndarray, share: np.ndarray, names: list[str], queues: int, families: int) -> tuple[np.ndarray, list[str]]:
    """Give each family to the queue that has least to do so far, largest family first; the queue bears its first family's name."""
    volume = np.bincount(family, weights=share, minlength=len(names))[:families]
    load, of_family, queue_names = np.zeros(queues), np.zeros(len(names), np.int64), [""] * queues
    for f in np.argsort(-volume, kind="stable"):
        q = int(np.argmin(load))
        of_family[f] = q
        # Even a family without volume counts, so that no queue stays without one.
        load[q] += volume[f] + 1e-6
        queue_names[q] = queue_names[q] or f"{names[f]}组"
    return of_family[family], queue_names
