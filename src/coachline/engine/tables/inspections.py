"""Inspections: one row per inspected call, and one per item of its form."""

from coachline.engine.tables.declaration import Column, FactTable, Limits, Rule
from coachline.engine.tables.kinds import Flag, Instant, Number, Text, choice

PURPOSE = choice(
    score=("考核", "评分", "常规质检", "日常质检", "scoring"),
    coach=("辅导", "诊断", "coaching"),
    audit=("复检", "复核", "二次质检", "抽检复核", "re-check"),
    calibration=("校准", "校听", "标准校准", "calibrate"),
    exam=("考试", "质检员考试", "test"),
)

INSPECTIONS = FactTable(
    name="inspections",
    zh="质检",
    en="Inspections",
    key=("inspection_id",),
    when="inspected_at",
    columns=(
        Column(
            "inspection_id",
            Text(),
            "质检编号",
            "Inspection ID",
            required=True,
            also=("质检单号", "质检ID", "质检流水号", "evaluation id", "qa id"),
        ),
        Column("call_id", Text(), "通话编号", "Call ID", also=("通话ID", "流水号", "呼叫流水号", "录音流水号", "callid")),
        Column("agent_id", Text(), "坐席工号", "Agent", required=True, also=("工号", "被检工号", "被检人", "坐席", "客服工号", "agent id")),
        Column(
            "inspector_id", Text(), "质检员工号", "Inspector", also=("质检员", "质检人", "检查人", "inspector id", "evaluator", "reviewer")
        ),
        Column(
            "inspected_at",
            Instant(),
            "质检时间",
            "Inspected at",
            also=("质检日期", "检查时间", "评分时间", "inspection time", "evaluated at"),
        ),
        Column("form", Text(), "质检表", "Form", also=("评分表", "质检模板", "form name")),
        Column("form_version", Text(), "质检表版本", "Form version", also=("版本", "version")),
        Column("purpose", PURPOSE, "质检目的", "Purpose", also=("质检类型", "目的", "inspection type")),
        Column("stratum", Text(), "抽样层", "Stratum", also=("抽样类型", "录音类型", "样本类型", "sample type")),
        Column("probability", Number(), "抽中概率", "Probability", also=("入样概率", "selection probability"), limits=Limits(0, 1)),
        Column("score", Number(), "质检得分", "Score", also=("得分", "总分", "质检分数", "成绩", "total score"), limits=Limits(0, 100)),
        Column("passed", Flag(), "是否合格", "Passed", also=("合格", "质检结果", "pass")),
        Column("fatal", Flag(), "是否致命", "Fatal", also=("致命错误", "一票否决", "红线", "fatal error")),
        Column("customer_problem", Text(), "客户问题", "Customer's problem", also=("客户诉求", "来电问题", "problem")),
        Column("repeat_reason", Text(), "重复来电原因", "Reason of repeat", also=("重复原因", "repeat reason")),
        Column("remedy", Text(), "改进建议", "Remedy", also=("解决方案", "整改建议", "改进措施", "辅导建议", "solution", "suggestion")),
    ),
    rules=(Rule("fatal_is_not_passed", ("fatal", "passed"), lambda t: ~(t.fatal & t.passed), "warn"),),
)

INSPECTION_ITEMS = FactTable(
    name="inspection_items",
    zh="质检项",
    en="Inspection items",
    key=("inspection_id", "item"),
    columns=(
        Column(
            "inspection_id",
            Text(),
            "质检编号",
            "Inspection ID",
            required=True,
            also=("质检单号", "质检ID", "质检流水号", "evaluation id", "qa id"),
        ),
        Column("item", Text(), "质检项", "Item", required=True, also=("评分项", "质检项目", "检查项", "指标项", "criterion")),
        Column("points", Number(), "项得分", "Points", also=("得分", "分数", "score")),
        Column("max_points", Number(), "项满分", "Maximum points", also=("满分", "分值", "max score"), limits=Limits(0, None)),
        Column("failed", Flag(), "是否扣分", "Failed", also=("扣分", "不合格", "是否不合格", "fail")),
        Column("comment", Text(), "点评", "Comment", also=("备注", "扣分原因", "质检评语", "remark")),
    ),
    rules=(Rule("points_within_maximum", ("points", "max_points"), lambda t: t.points <= t.max_points),),
)
