"""Who was named for a training and who is to wait: without it, nobody can say later with whom the trained are to be compared."""

from coachline.engine.tables.declaration import Column, FactTable
from coachline.engine.tables.kinds import Flag, Instant, Path, Text, choice

ARM = choice(
    trained=("先训", "参训", "培训组", "第一批", "入选", "train", "treatment"),
    waiting=("候训", "等候", "等待", "对照组", "第二批", "后训", "wait", "waiting list", "control"),
)

ENROLMENTS = FactTable(
    name="enrolments",
    zh="候训名单",
    en="Enrolments",
    key=("training_id", "agent_id"),
    when="decided_at",
    columns=(
        Column("training_id", Text(), "培训编号", "Training ID", required=True, also=("培训ID", "课程编号", "班次编号", "session id")),
        Column("agent_id", Text(), "工号", "Agent", required=True, also=("学员工号", "坐席工号", "agent id", "trainee")),
        Column("business", Path(), "业务类型", "Business", also=("培训业务", "业务", "培训主题", "topic")),
        Column("arm", ARM, "训练批次", "Arm", required=True, also=("名单分组", "先训或候训", "参训批次", "list arm")),
        Column("random", Flag(), "是否抽签", "Drawn by lot", also=("随机抽取", "抽签", "是否随机", "random draw")),
        Column("decided_at", Instant(), "名单确定时间", "Decided at", also=("确定时间", "抽签时间", "名单日期", "decision time")),
    ),
)
