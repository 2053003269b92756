"""Mystery calls: test calls placed by the group office, one row per item judged."""

from coachline.engine.tables.declaration import Column, FactTable, Limits, Rule
from coachline.engine.tables.kinds import Instant, Number, Path, Pseudonym, Text

MYSTERY_CALLS = FactTable(
    name="mystery_calls",
    zh="拨测",
    en="Mystery calls",
    key=("mystery_id", "item"),
    when="called_at",
    columns=(
        Column("mystery_id", Text(), "拨测编号", "Mystery call ID", required=True, also=("拨测ID", "暗访编号", "test call id")),
        Column("centre", Text(), "中心", "Centre", required=True, also=("被测中心", "省份", "省公司", "center")),
        Column("agent_id", Text(), "坐席工号", "Agent", also=("工号", "接听工号", "agent id")),
        Column("business", Path(), "业务类型", "Business", also=("业务", "拨测业务", "场景", "topic")),
        Column("called_at", Instant(), "拨测时间", "Called at", required=True, also=("拨打时间", "拨测日期", "call time")),
        Column("caller", Pseudonym(), "拨测号码", "Caller", also=("拨测人", "主叫号码", "拨测员")),
        Column("item", Text(), "评测项", "Item", required=True, also=("拨测项", "评分项", "指标项", "criterion")),
        Column("points", Number(), "得分", "Points", also=("分数", "score")),
        Column("max_points", Number(), "满分", "Maximum points", also=("分值", "max score"), limits=Limits(0, None)),
    ),
    rules=(Rule("points_within_maximum", ("points", "max_points"), lambda t: t.points <= t.max_points),),
)
