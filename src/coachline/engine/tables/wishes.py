"""Wishes for the roster: who wants to be off, to work, or to work a certain shift, on which day."""

from coachline.engine.tables.declaration import Column, FactTable, Limits
from coachline.engine.tables.kinds import Day, Number, Text

WISHES = FactTable(
    name="wishes",
    zh="排班意愿",
    en="Roster wishes",
    key=("agent_id", "date"),
    columns=(
        Column("agent_id", Text(), "工号", "Agent", required=True, also=("坐席工号", "员工工号", "申请人工号", "agent id")),
        Column("date", Day(), "意愿日期", "Wished for", required=True, also=("希望日期", "申请日期", "排班日期", "wish date", "date")),
        Column("wish", Text(), "意愿", "Wish", required=True, also=("排班意愿", "意愿班次", "希望班次", "申请班次", "wished shift")),
        Column(
            "strength", Number(), "意愿强度", "Strength", also=("强度", "优先级", "weight"), limits=Limits(0, None), plausible=Limits(0, 10)
        ),
    ),
)
