"""Shifts: what each person was rostered to do, from when to when."""

from coachline.engine.tables.declaration import Column, FactTable, Rule
from coachline.engine.tables.kinds import Instant, Text, choice

ACTIVITY = choice(
    work=("上班", "在岗", "工作", "值班", "早班", "中班", "晚班", "夜班", "working"),
    training=("培训", "学习", "train"),
    **{"break": ("休息", "小休", "用餐", "就餐", "rest")},
    leave=("请假", "休假", "年假", "病假", "事假", "调休", "off", "holiday"),
    meeting=("会议", "开会", "班会", "例会"),
)

LONGEST_SHIFT_S = 24 * 3600

SHIFTS = FactTable(
    name="shifts",
    zh="班次",
    en="Shifts",
    key=("agent_id", "starts_at"),
    when="starts_at",
    columns=(
        Column("agent_id", Text(), "工号", "Agent", required=True, also=("坐席工号", "员工工号", "坐席", "agent id")),
        Column(
            "starts_at",
            Instant(),
            "开始时间",
            "Starts at",
            required=True,
            also=("上班时间", "班次开始", "开始", "start", "start time", "shift start"),
            parts=(("日期", "排班日期", "班次日期", "date"), ("上班时刻", "开始时刻", "from")),
        ),
        Column(
            "ends_at",
            Instant(),
            "结束时间",
            "Ends at",
            required=True,
            also=("下班时间", "班次结束", "结束", "end", "end time", "shift end"),
        ),
        Column("activity", ACTIVITY, "活动", "Activity", required=True, also=("班次类型", "状态", "类型", "班次", "shift type")),
    ),
    rules=(
        Rule("ends_after_start", ("starts_at", "ends_at"), lambda t: t.ends_at > t.starts_at),
        Rule(
            "shift_within_a_day",
            ("starts_at", "ends_at", "activity"),
            lambda t: (t.activity == "leave") | (t.ends_at.epoch_seconds() - t.starts_at.epoch_seconds() <= LONGEST_SHIFT_S),
        ),
    ),
)
