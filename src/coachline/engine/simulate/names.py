"""Names of people, teams and posts: common Chinese ones, put together at random, so that no real person is meant."""

from __future__ import annotations

import numpy as np

SURNAMES = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段钱汤尹黎易常武乔贺赖龚文"
)
GIVEN_FIRST = tuple("晓文雅佳思雨海建志国丽春秀玉慧静美婷欣俊明子嘉一天梦红小立永德光兰凤桂艳宏新")
GIVEN_SECOND = tuple("华芳敏娟玲霞燕萍洁颖琳丽雪倩莹梅军伟强磊涛超勇杰鹏飞宇浩然轩怡瑶君娜彤菲宁平清")
NUMERALS = "零一二三四五六七八九"

PROVINCES = (
    "天津", "北京", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江", "安徽", "福建", "江西", "山东",
    "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川", "贵州", "云南", "陕西", "甘肃", "青海", "宁夏", "新疆",
)  # fmt: skip
"""The 30 centres of the group; the first one is the simulated centre."""

OWN_CENTRE = PROVINCES[0]


def people(count: int, rng: np.random.Generator) -> list[str]:
    """`count` full names of two or three characters; some occur twice, as they do in life."""
    surnames = rng.integers(len(SURNAMES), size=count)
    # Common surnames stand first in the list; squaring a uniform number favours them.
    surnames = (surnames**2 // len(SURNAMES)).astype(np.int64)
    first = rng.integers(len(GIVEN_FIRST), size=count)
    second = rng.integers(len(GIVEN_SECOND), size=count)
    short = rng.random(count) < 0.15
    return [
        SURNAMES[s] + ("" if brief else GIVEN_FIRST[f]) + GIVEN_SECOND[g]
        for s, f, g, brief in zip(surnames, first, second, short, strict=True)
    ]


def team(number: int) -> str:
    """Team `number`, counted from 1: 一班, 二班 ... 十一班 ... 一百零三班."""
    return numeral(number) + "班"


def numeral(number: int) -> str:
    """A whole number from 1 to 999 in Chinese numerals."""
    hundreds, rest = divmod(number, 100)
    tens, ones = divmod(rest, 10)
    text = NUMERALS[hundreds] + "百" if hundreds else ""
    if tens:
        text += ("" if tens == 1 and not hundreds else NUMERALS[tens]) + "十"
    elif hundreds and ones:
        text += "零"
    return text + (NUMERALS[ones] if ones else "")
