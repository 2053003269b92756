"""Survey answers of staff: one row per respondent and question."""

from coachline.engine.tables.declaration import Column, FactTable, Rule
from coachline.engine.tables.kinds import Instant, Text

SURVEY_ANSWERS = FactTable(
    name="survey_answers",
    zh="问卷",
    en="Survey answers",
    key=("survey", "respondent", "question"),
    when="sent_at",
    columns=(
        Column("survey", Text(), "问卷", "Survey", required=True, also=("问卷名称", "问卷编号", "调查")),
        Column("respondent", Text(), "受访人", "Respondent", required=True, also=("答卷人", "答题人", "答卷编号", "受访者")),
        Column("question", Text(), "题目", "Question", required=True, also=("题号", "问题", "问卷题目")),
        Column("stratum", Text(), "分层", "Stratum", also=("人员类别", "层级", "类别")),
        Column("sent_at", Instant(), "发放时间", "Sent at", also=("发出时间", "发放日期", "sent")),
        Column("answered_at", Instant(), "答卷时间", "Answered at", also=("回收时间", "提交时间", "submitted at")),
        Column("choice", Text(), "选项", "Choice", also=("答案", "选择", "answer")),
        Column("text", Text(), "文字回答", "Text", also=("开放题回答", "意见", "建议", "comment")),
    ),
    rules=(Rule("answered_after_sent", ("sent_at", "answered_at"), lambda t: t.answered_at >= t.sent_at, "warn"),),
)
