"""Transcripts: what was said, turn by turn."""

from coachline.engine.tables.declaration import Column, FactTable, Limits, Rule
from coachline.engine.tables.kinds import Integer, Text, choice

SPEAKER = choice(
    agent=("坐席", "客服", "座席", "话务员", "staff"),
    customer=("客户", "用户", "来电人", "caller"),
    system=("系统", "机器人", "ivr", "bot"),
)

TRANSCRIPTS = FactTable(
    name="transcripts",
    zh="转写",
    en="Transcripts",
    key=("call_id", "turn"),
    columns=(
        Column("call_id", Text(), "通话编号", "Call ID", required=True, also=("通话ID", "流水号", "呼叫流水号", "callid")),
        Column("turn", Integer(), "句序", "Turn", required=True, also=("序号", "轮次", "句号", "sequence"), limits=Limits(0, None)),
        Column("role", SPEAKER, "说话人", "Speaker", also=("角色", "speaker role")),
        Column("starts_ms", Integer(), "开始毫秒", "Starts (ms)", also=("开始(毫秒)", "start ms", "begin ms"), limits=Limits(0, None)),
        Column("ends_ms", Integer(), "结束毫秒", "Ends (ms)", also=("结束(毫秒)", "end ms"), limits=Limits(0, None)),
        Column("text", Text(), "文本", "Text", also=("内容", "转写文本", "话语", "utterance", "content")),
    ),
    rules=(Rule("turn_ends_after_start", ("starts_ms", "ends_ms"), lambda t: t.ends_ms >= t.starts_ms, "warn"),),
)
