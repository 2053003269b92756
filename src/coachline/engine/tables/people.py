"""Agents: one row per person who takes calls."""

from coachline.engine.tables.declaration import Column, FactTable, Limits, Rule
from coachline.engine.tables.kinds import Day, Integer, Text, TextMap

AGENTS = FactTable(
    name="agents",
    zh="人员",
    en="Agents",
    key=("agent_id",),
    columns=(
        Column(
            "agent_id",
            Text(),
            "工号",
            "Agent",
            required=True,
            also=("坐席工号", "员工工号", "员工编号", "话务员工号", "客服工号", "坐席ID", "agent id", "employee id", "staff id"),
        ),
        Column("name", Text(), "姓名", "Name", also=("员工姓名", "坐席姓名", "agent name", "full name")),
        Column("team", Text(), "班组", "Team", also=("小组", "团队", "班组名称", "所属班组", "组别", "group")),
        Column("centre", Text(), "中心", "Centre", also=("客服中心", "所属中心", "职场", "center", "site")),
        Column("role", Text(), "岗位", "Role", also=("职务", "角色", "岗位名称", "position", "job title")),
        Column("hired_on", Day(), "入职日期", "Hired on", also=("入职时间", "入司日期", "上岗日期", "hire date", "start date")),
        Column("left_on", Day(), "离职日期", "Left on", also=("离职时间", "离岗日期", "leave date", "end date")),
        Column("seat_level", Integer(), "台席等级", "Seat level", also=("坐席等级", "星级", "等级", "level"), plausible=Limits(0, 10)),
        Column("tags", TextMap(), "标签", "Tags", also=("人员标签", "tag")),
    ),
    rules=(Rule("left_after_hired", ("hired_on", "left_on"), lambda t: t.left_on >= t.hired_on),),
)
