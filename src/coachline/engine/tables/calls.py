"""Calls, chats and mails: one row per contact."""

from coachline.engine.tables.declaration import SOURCE, Column, FactTable, Limits, Rule
from coachline.engine.tables.kinds import Flag, Instant, Path, Pseudonym, Scale, Seconds, Text, choice

CHANNEL = choice(
    voice=("语音", "电话", "热线", "人工语音", "phone", "call", "telephone"),
    chat=("在线", "文字", "在线客服", "网聊", "微信", "im", "webchat", "online"),
    email=("邮件", "电子邮件", "mail", "e-mail"),
)
DIRECTION = choice(
    inbound=("呼入", "来电", "进线", "in", "incoming"),
    outbound=("呼出", "外呼", "去电", "out", "outgoing"),
)
OUTCOME = choice(
    answered=("接通", "已接", "已接听", "应答", "人工接听", "成功", "接听", "正常", "agent", "handled", "connected", "answer"),
    abandoned=("放弃", "呼损", "未接", "未接听", "未接通", "排队放弃", "客户放弃", "振铃放弃", "hang", "lost", "missed", "abandon"),
    ivr_only=("自助", "ivr", "ivr自助", "自助服务", "ivr内挂机", "ivr挂机", "self service", "ivr only"),
    ignored=("忽略", "无效", "测试", "phantom", "invalid", "test"),
)
RATING = Scale(
    words=(
        (5, ("非常满意", "很满意", "十分满意", "very satisfied")),
        (4, ("满意", "较满意", "比较满意", "satisfied")),
        (3, ("一般", "基本满意", "neutral")),
        (2, ("不满意", "较不满意", "对结果不满意", "dissatisfied")),
        (1, ("非常不满意", "很不满意", "十分不满意", "very dissatisfied")),
    )
)

TALK = ("talk_s", "hold_s", "wrap_s")

CALLS = FactTable(
    name="calls",
    zh="通话",
    en="Calls",
    key=("source", "call_id"),
    when="arrived_at",
    columns=(
        SOURCE,
        Column(
            "call_id", Text(), "通话编号", "Call ID", required=True,
            also=("通话ID", "呼叫流水号", "流水号", "话单号", "会话ID", "呼叫ID", "录音流水号", "call no", "callid", "interaction id", "conversation id", "uuid", "ucid"),
        ),
        Column("channel", CHANNEL, "渠道", "Channel", also=("接入渠道", "服务渠道", "媒体类型", "media type")),
        Column("direction", DIRECTION, "呼叫方向", "Direction", also=("方向", "呼叫类型", "call direction", "call type")),
        Column(
            "arrived_at", Instant(), "呼入时间", "Arrived at", required=True,
            also=(
                "来电时间", "进线时间", "呼叫时间", "接入时间", "开始时间", "呼叫开始时间", "通话开始时间", "到达时间",
                "start time", "call time", "arrival time", "arrival", "arrived", "timestamp", "call start", "datetime", "date time",
            ),
            parts=(("日期", "date", "呼叫日期", "来电日期", "通话日期", "call date"), ("时间", "time", "呼叫时刻", "来电时刻", "时刻")),
        ),
        Column(
            "customer_id", Pseudonym(), "客户号码", "Customer",
            also=("主叫号码", "客户编号", "客户ID", "来电号码", "手机号", "手机号码", "电话号码", "联系电话", "主叫", "用户号码", "caller", "caller id", "ani", "phone", "customer", "customer number"),
        ),
        Column(
            "business", Path(), "业务类型", "Business",
            also=("业务", "业务分类", "服务类型", "来电原因", "诉求类型", "业务小类", "工单类型", "topic", "type", "service", "category", "reason", "call reason", "business type"),
            parts=(
                ("一级业务", "业务大类", "一级分类", "一级业务类型", "business level 1"),
                ("二级业务", "业务中类", "二级分类", "二级业务类型", "business level 2"),
                ("三级业务", "三级分类", "三级业务类型", "business level 3"),
            ),
        ),
        Column("queue", Text(), "技能组", "Queue", also=("队列", "技能队列", "排队队列", "技能", "queue name", "skill", "skill group", "vdn")),
        Column(
            "agent_id", Text(), "坐席工号", "Agent",
            also=("工号", "坐席", "座席", "座席工号", "话务员工号", "话务员", "客服工号", "坐席ID", "客服", "客服代表", "接听坐席", "员工工号", "agent", "agent id", "agent code", "server", "operator", "user id"),
        ),
        Column("ivr_s", Seconds(), "IVR时长", "IVR time", also=("IVR 时间", "自助时长", "vru time", "ivr duration"), plausible=Limits(0, 1800)),
        Column(
            "wait_s", Seconds(), "排队时长", "Wait",
            also=("等待时长", "排队等待时长", "排队时间", "等待时间", "应答时长", "应答速度", "q time", "queue time", "wait time", "waiting time", "speed of answer", "speed of answer in seconds"),
            limits=Limits(0, None), plausible=Limits(0, 7200),
        ),
        Column(
            "talk_s", Seconds(), "通话时长", "Talk",
            also=("通话时间", "人工通话时长", "服务时长", "通话秒数", "talk time", "talk duration", "avgtalkduration", "ser time", "service time", "duration", "conversation duration"),
            limits=Limits(0, None), plausible=Limits(1, 7200),
        ),
        Column("hold_s", Seconds(), "保持时长", "Hold", also=("保持时间", "静音时长", "hold time", "hold duration"), limits=Limits(0, None), plausible=Limits(0, 3600)),
        Column(
            "wrap_s", Seconds(), "话后时长", "Wrap-up", also=("话后处理时长", "整理时长", "案头时长", "事后处理时长", "acw", "acw time", "after call work", "wrap time", "wrapup"),
            limits=Limits(0, None), plausible=Limits(0, 3600),
        ),
        Column("outcome", OUTCOME, "呼叫结果", "Outcome", required=True, also=("接通状态", "呼叫状态", "通话结果", "接听状态", "是否接通", "状态", "answered (y/n)", "result", "status", "disposition", "call status")),
        Column("transferred", Flag(), "是否转接", "Transferred", also=("转接", "转接标识", "是否转移", "transfer")),
        Column("ticketed", Flag(), "是否派单", "Ticketed", also=("派单", "是否建单", "是否生成工单", "是否下单", "ticket", "ticket created")),
        Column("resolved", Flag(), "是否解决", "Resolved", also=("一次解决", "是否一次解决", "解决情况", "问题是否解决", "首次解决", "fcr", "solved")),
        Column("invited", Flag(), "是否邀评", "Invited to rate", also=("邀评", "是否邀请评价", "是否推送评价", "survey sent", "invited")),
        Column(
            "rating", RATING, "满意度", "Rating", limits=Limits(1, 5),
            also=("满意度评价", "评价结果", "客户评价", "评分", "满意度得分", "评价", "satisfaction rating", "satisfaction", "csat", "score"),
        ),
        Column("recording", Text(), "录音文件", "Recording", also=("录音", "录音地址", "录音路径", "录音编号", "recording file", "recording id", "recording url")),
    ),
    rules=(
        Rule("abandoned_has_no_talk", ("outcome", "talk_s"), lambda t: (t.outcome != "abandoned") | (t.talk_s == 0)),
        Rule("answered_has_agent", ("outcome", "agent_id"), lambda t: (t.outcome != "answered") | t.agent_id.notnull(), "warn"),
        Rule("answered_has_talk", ("outcome", "talk_s"), lambda t: (t.outcome != "answered") | (t.talk_s > 0), "warn"),
        Rule("agent_only_when_answered", ("outcome", "agent_id"), lambda t: (t.outcome != "ivr_only") | t.agent_id.isnull(), "warn"),
        Rule("rated_was_invited", ("rating", "invited"), lambda t: t.rating.isnull() | t.invited, "warn"),
        Rule("rated_was_answered", ("rating", "outcome"), lambda t: t.rating.isnull() | (t.outcome == "answered"), "warn"),
    ),
)
