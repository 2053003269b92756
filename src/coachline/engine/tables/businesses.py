"""Businesses: the tree of what customers ask, with standards and training time."""

from coachline.engine.tables.declaration import Column, FactTable, Limits
from coachline.engine.tables.kinds import Number, NumberMap, Path, Text

BUSINESSES = FactTable(
    name="businesses",
    zh="业务",
    en="Businesses",
    key=("business",),
    columns=(
        Column(
            "business",
            Path(),
            "业务类型",
            "Business",
            required=True,
            also=("业务", "业务编码", "业务路径", "业务分类", "business path", "business type", "topic"),
            parts=(("一级业务", "业务大类", "一级分类"), ("二级业务", "业务中类", "二级分类"), ("三级业务", "业务小类", "三级分类")),
        ),
        Column("title", Text(), "业务名称", "Title", also=("名称", "业务说明", "name")),
        Column("standard", NumberMap(), "达标标准", "Standard", also=("标准", "目标", "考核标准", "target")),
        Column(
            "minutes_to_train",
            Number(),
            "培训时长(分钟)",
            "Minutes to train",
            also=("培训时长", "培训分钟", "training minutes"),
            limits=Limits(0, None),
        ),
    ),
)
