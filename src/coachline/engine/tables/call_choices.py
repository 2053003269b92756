"""The words in which exports say by which way a call came, how it ended and how the customer rated it."""

from coachline.engine.tables.kinds import Scale, choice

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
    answered=(
        "接通",
        "已接",
        "已接听",
        "应答",
        "人工接听",
        "成功",
        "接听",
        "正常",
        "agent",
        "handled",
        "connected",
        "answer",
        "是",
        "y",
        "yes",
        "true",
        "1",
    ),
    abandoned=(
        "放弃",
        "呼损",
        "未接",
        "未接听",
        "未接通",
        "排队放弃",
        "客户放弃",
        "振铃放弃",
        "hang",
        "lost",
        "missed",
        "abandon",
        "否",
        "n",
        "no",
        "false",
        "0",
    ),
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
