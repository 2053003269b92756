"""Trainings attended and exams taken."""

from coachline.engine.tables.declaration import Column, FactTable, Limits, Rule
from coachline.engine.tables.kinds import Flag, Instant, Number, Path, Text, choice

METHOD = choice(
    **{
        "class": ("课堂", "集中培训", "面授", "授课", "聚合培训", "course"),
        "coaching": ("辅导", "一对一辅导", "面对面辅导", "1对1", "coach"),
        "mentor": ("师徒", "师带徒", "师徒制", "mentoring"),
        "drill": ("练习", "话术演练", "演练", "背诵", "practice"),
        "recording": ("录音分析", "录音分享", "录音分析会", "听录音", "recording analysis"),
    }
)

TRAININGS = FactTable(
    name="trainings",
    zh="培训",
    en="Trainings",
    key=("training_id", "agent_id"),
    when="started_at",
    columns=(
        Column("training_id", Text(), "培训编号", "Training ID", required=True, also=("培训ID", "课程编号", "班次编号", "session id")),
        Column("agent_id", Text(), "工号", "Agent", required=True, also=("学员工号", "参训工号", "坐席工号", "agent id", "trainee")),
        Column("business", Path(), "业务类型", "Business", also=("培训业务", "业务", "培训主题", "topic")),
        Column("method", METHOD, "培训方式", "Method", also=("方式", "培训形式", "培训类型", "training method")),
        Column(
            "started_at", Instant(), "培训时间", "Started at", also=("开始时间", "培训日期", "培训开始时间", "start time", "training date")
        ),
        Column(
            "hours",
            Number(),
            "学时",
            "Hours",
            also=("时长", "培训时长", "课时", "培训小时", "duration hours"),
            limits=Limits(0, None),
            plausible=Limits(0, 12),
        ),
        Column("trainer_id", Text(), "讲师工号", "Trainer", also=("讲师", "内训师", "培训师", "师傅工号", "trainer id")),
    ),
)

EXAMS = FactTable(
    name="exams",
    zh="考试",
    en="Exams",
    key=("exam_id", "agent_id", "item"),
    when="taken_at",
    columns=(
        Column("exam_id", Text(), "考试编号", "Exam ID", required=True, also=("考试ID", "试卷编号", "paper id")),
        Column("agent_id", Text(), "工号", "Agent", required=True, also=("考生工号", "坐席工号", "agent id", "examinee")),
        Column("item", Text(), "题号", "Item", required=True, also=("试题编号", "题目编号", "题目", "question id", "question")),
        Column("business", Path(), "业务类型", "Business", also=("业务", "考试业务", "topic")),
        Column("taken_at", Instant(), "考试时间", "Taken at", also=("考试日期", "答题时间", "exam time", "exam date")),
        Column("correct", Flag(), "是否正确", "Correct", also=("正确", "答对", "对错")),
        Column("points", Number(), "得分", "Points", also=("分数", "score"), limits=Limits(0, None)),
        Column("max_points", Number(), "满分", "Maximum points", also=("分值", "max score"), limits=Limits(0, None)),
    ),
    rules=(Rule("points_within_maximum", ("points", "max_points"), lambda t: t.points <= t.max_points),),
)
