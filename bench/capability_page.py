"""The tables of the capability bench as Markdown, in Chinese and English."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from bench.capability_metrics import SPARSE, Decision, Scores

LANGUAGES = ("zh", "en")

BEGIN, END = "<!-- bench: begin -->", "<!-- bench: end -->"
"""Between these the page on the method carries the tables of the large world."""

METHODS = {
    "raw": ("原始比率，Wilson 区间", "raw average, Wilson interval"),
    "jeffreys": ("逐格 Jeffreys", "Jeffreys, each cell by itself"),
    "agent_mean": ("坐席均值", "mean of the agent"),
    "business_mean": ("业务均值", "mean of the business"),
    "beta_binomial": ("逐业务经验贝叶斯贝塔二项", "empirical-Bayes beta-binomial per business"),
    "lme4": ("lme4，坐席＋业务", "lme4, agent + business"),
    "lme4_cell": ("lme4，坐席＋业务＋格", "lme4, agent + business + cell"),
    "glmmTMB_cell": ("glmmTMB，坐席＋业务＋格", "glmmTMB, agent + business + cell"),
    "glmmTMB_full": ("glmmTMB，坐席＋业务＋坐席×大类＋格", "glmmTMB, agent + business + agent x family + cell"),
    "gpboost": ("gpboost，坐席＋业务", "gpboost, agent + business"),
    "gpboost_cell": ("gpboost，坐席＋业务＋格", "gpboost, agent + business + cell"),
    "gpboost_full": ("gpboost，坐席＋业务＋坐席×大类＋格", "gpboost, agent + business + agent x family + cell"),
    "coachline": ("**Coachline**", "**Coachline**"),
}

REASONS = {
    "missing": ("未安装", "not installed"),
    "slow": ("仅在 `--slow` 时运行", "runs with `--slow` only"),
    "failed": ("失败", "failed"),
    "stopped": ("{limit:.0f} 秒时被中止", "stopped after {limit:.0f} s"),
}

RULES = {
    "raw": ("原始比率低于标准，n ≥ {0}", "raw rate below standard, n ≥ {0}"),
    "worst_raw": ("原始差距最大，n ≥ {0}，与 Coachline 10% 名单等长", "worst raw gap, n ≥ {0}, as long as Coachline's list at 10 %"),
    "tested": ("二项检验＋Benjamini–Hochberg，{0}%", "binomial test + Benjamini–Hochberg, {0} %"),
    "bayes": ("贝叶斯 FDR {0}%：{1}", "Bayes FDR {0} %: {1}"),
}

WORDS = {
    "title": ("能力估计：与同类方法并排测量", "Capability estimates beside their peers"),
    "written": (
        "本页由 `make bench`（或 `python -m bench.run --only capability`）写成。各方法得到同一份充分统计量（有通话的格：坐席、业务、班组、大类、次数、成功数），各在独立进程中运行；"
        "秒数为拟合加预测，不含读写。世界由 `crossed_world` 生成，真值已知，因此数字只对模拟世界成立。",
        "Written by `make bench` (or `python -m bench.run --only capability`). Every method gets the same sufficient statistics (of the seen cells: "
        "agent, business, team, family, tries, successes) in a process of its own; seconds are those of fit and prediction, without reading and "
        "writing. The worlds come from `crossed_world`, so the truth is known, and the figures hold for this simulated world only.",
    ),
    "method": ("方法", "method"),
    "rmse": ("RMSE，已见格", "RMSE, seen"),
    "rmse_unseen": ("RMSE，未见格", "RMSE, unseen"),
    "log_loss": ("留出期对数损失", "held-out log loss"),
    "seen": ("覆盖率：已见", "coverage: seen"),
    "sparse": ("稀疏（n ≤ {sparse}）", "sparse (n ≤ {sparse})"),
    "unseen": ("未见", "unseen"),
    "width": ("区间宽", "width"),
    "wall": ("秒", "seconds"),
    "cpu": ("CPU 秒", "CPU seconds"),
    "memory": ("内存峰值 GB", "peak memory, GB"),
    "world": (
        "{agents:,} 名坐席 × {businesses:,} 项业务，{calls:,} 次通话，{cells:,} 个已见格（中位 {median:.0f} 次），{unseen:,} 个未见格；成功率 {mean:.4f}；"
        "知道真值者的留出期对数损失 {oracle:.5f}。区间名义覆盖率 90%。",
        "{agents:,} agents x {businesses:,} businesses, {calls:,} calls, {cells:,} seen cells (median {median:.0f} calls), {unseen:,} unseen; success "
        "rate {mean:.4f}; held-out log loss of somebody who knows the truth {oracle:.5f}. Intervals aim at 90 %.",
    ),
    "recorded": (
        "带日期者于该日用 `--slow` 逐个运行后记录，数据相同。负载为结束前一刻钟的均值，含其自身；高于核数时，钟面秒数偏高，被中止者在空闲机器上也许能完成。",
        "Dated rows were recorded on that day with `--slow`, one at a time, on the same data. Load is the mean of the last quarter of an hour, the run "
        "itself included; where it is above the number of cores, seconds on the clock are too high, and what was stopped might end on an idle machine.",
    ),
    "machine": (
        "{day}，{cores} 核，开始前负载 {load:.1f}（机器另有工作时，钟面秒数偏高，CPU 秒较稳），Python {python}，{versions}。",
        "{day}, {cores} cores, load {load:.1f} before it began (other work on the machine lengthens the seconds on the clock more than CPU seconds), "
        "Python {python}, {versions}.",
    ),
    "measured": ("（{day}，负载 {load:.1f}）", " ({day}, load {load:.1f})"),
    "decisions": ("判定薄弱格", "Which cells are weak"),
    "standard": (
        "真实标准：该业务真实成功率按通话加权的均值减 {short:.0f} 个百分点，各方法均已知；已见格中 {weak:.1f}% 确实低于标准。",
        "True standard: the call-weighted mean of the business's true chances less {short:.0f} points, known to every method; {weak:.1f} % of the seen "
        "cells are truly below.",
    ),
    "rule": ("名单", "list"),
    "flagged": ("入选格数", "flagged"),
    "false_share": ("实际误判率", "realised FDR"),
    "power": ("检出率", "power"),
    "covered": ("覆盖的损失通话", "lost calls covered"),
    "calibration": ("P（低于标准）是否可信", "Whether P(below) can be believed"),
    "bin": ("区间", "bin"),
    "cells": ("格数", "cells"),
    "claimed": ("P 的均值", "mean of P"),
    "true": ("实际低于标准", "truly below"),
    "others": ("其他种子、比率与规模", "Other seeds, rates and sizes"),
    "data": ("数据", "data"),
    "data_set": ("数据", "Data"),
    "excess": ("对数损失高于真值", "log loss above oracle"),
    "reference": ("已发表数据上与 lme4 的对照", "Beside lme4 on published data"),
    "published": (
        "同一模型（只有两种交叉效应，另加业务所属组；无格效应），数据随 lme4 提供：VerbAgg（316 人 × 24 题，是或否）、cbpp（15 个畜群 × 4 个时期，患病数）、"
        "InstEval（2,972 名学生 × 1,128 名教师，分属 14 个院系，73,421 个评分，正态）。方差在前两者处有别，因为 glmer 用最大似然，Coachline 用限制性最大似然："
        "24 题与 4 个时期时后者分别约大 24/23 与 4/3；InstEval 上二者同为限制性最大似然。",
        "The same model (two crossed effects, and groups of the second; no effect of the cell) on data that come with lme4: VerbAgg (316 persons x 24 "
        "items, yes or no), cbpp (15 herds x 4 periods, cases of disease), InstEval (2,972 students x 1,128 lecturers in 14 departments, 73,421 marks, "
        "Gaussian). Variances of the first two differ because glmer maximises the likelihood and Coachline the restricted one, which is larger by about "
        "24/23 for 24 items and 4/3 for 4 periods; on InstEval both are restricted.",
    ),
    "quantity": ("量", "quantity"),
    "agent": ("方差：人、畜群、学生", "variance of persons, herds, students"),
    "business": ("方差：题、时期、教师", "variance of items, periods, lecturers"),
    "group": ("方差：院系", "variance of departments"),
    "within": ("方差：单次评分", "variance of single marks"),
    "level": ("总体水平", "common level"),
    "seconds": ("拟合秒数", "seconds of the fit"),
    "apart": ("各格水平之差的均方根，占其标准差", "RMS difference of the cells' levels, share of their standard deviation"),
}


@dataclass(frozen=True)
class Comparison:
    """Coachline beside lme4 on one published data set.

    Attributes
    ----------
    name : str
    rows : list of (str, float, float)
        Quantity, lme4's figure, Coachline's; ``seconds`` are on the clock.
    apart_share : float
        Root mean square difference of the cells' levels as a share of the standard deviation of lme4's.
    """

    name: str
    rows: list[tuple[str, float, float]]
    apart_share: float


@dataclass(frozen=True)
class Row:
    """One method on one world, as it stands in the table, or the reason why it has no figures."""

    method: str
    scores: Scores | None = None
    wall_s: float | None = None
    cpu_s: float | None = None
    peak_gb: float | None = None
    version: str = ""
    reason: str = ""
    measured: str = ""
    load: float | None = None
    decisions: list[Decision] = field(default_factory=list)


def say(words: tuple[str, str], language: str, **facts: object) -> str:
    return words[LANGUAGES.index(language)].format(**facts)


def methods_table(rows: Sequence[Row], language: str) -> str:
    heads = ("method", "rmse", "rmse_unseen", "log_loss", "seen", "sparse", "unseen", "width", "wall", "cpu", "memory")
    lines = []
    for row in rows:
        name = say(METHODS[row.method], language) + (
            say(WORDS["measured"], language, day=row.measured, load=row.load) if row.measured else ""
        )
        if row.scores is None:
            lines.append([name, say(REASONS[row.reason], language, limit=row.wall_s), *[""] * (len(heads) - 2)])
            continue
        lines.append(
            [
                name,
                f"{row.scores.rmse_seen:.4f}",
                f"{row.scores.rmse_unseen:.4f}",
                f"{row.scores.log_loss:.5f}",
                *(_share(share) for share in (row.scores.seen, row.scores.sparse, row.scores.unseen, row.scores.width)),
                *("–" if cost is None else f"{cost:.2g}" if cost < 10 else f"{cost:.0f}" for cost in (row.wall_s, row.cpu_s, row.peak_gb)),
            ]
        )
    return markdown([say(WORDS[head], language, sparse=SPARSE) for head in heads], lines)


def decisions_table(decisions: Sequence[Decision], language: str) -> str:
    lines = [
        [rule(each.rule, language), f"{each.flagged:,}", _share(each.false_share), _share(each.power), _share(each.covered)]
        for each in decisions
    ]
    return markdown([say(WORDS[head], language) for head in ("rule", "flagged", "false_share", "power", "covered")], lines)


def rule(code: str, language: str) -> str:
    """Wording of a rule such as ``bayes:10:coachline``."""
    kind, *facts = code.split(":")
    return RULES[kind][LANGUAGES.index(language)].format(*(say(METHODS[fact], language) if fact in METHODS else fact for fact in facts))


def calibration_table(bins: Sequence[tuple[float, float, int, float, float]], language: str) -> str:
    lines = [[f"{low:g}–{high:g}", f"{cells:,}", f"{claimed:.3f}", f"{true:.3f}"] for low, high, cells, claimed, true in bins]
    return markdown([say(WORDS[head], language) for head in ("bin", "cells", "claimed", "true")], lines)


def others_table(rows: Sequence[tuple[str, float, Row]], language: str) -> str:
    """Rows are name of the data, log loss of the oracle, and what a method made of it."""
    heads = ("data", "method", "rmse", "excess", "seen", "sparse", "unseen", "wall", "cpu", "memory")
    lines = [
        [
            name,
            say(METHODS[row.method], language),
            f"{row.scores.rmse_seen:.4f}",
            f"{row.scores.log_loss - oracle:.5f}",
            *(_share(share) for share in (row.scores.seen, row.scores.sparse, row.scores.unseen)),
            *("–" if cost is None else f"{cost:.2g}" if cost < 10 else f"{cost:.0f}" for cost in (row.wall_s, row.cpu_s, row.peak_gb)),
        ]
        for name, oracle, row in rows
        if row.scores is not None
    ]
    return markdown([say(WORDS[head], language, sparse=SPARSE) for head in heads], lines)


def reference_table(comparisons: Sequence[Comparison], language: str) -> str:
    lines = []
    for each in comparisons:
        figures = [(key, theirs, ours) for key, theirs, ours in each.rows if theirs or ours]
        lines += [[each.name, say(WORDS[key], language), f"{theirs:.4g}", f"{ours:.4g}"] for key, theirs, ours in figures]
        lines.append([each.name, say(WORDS["apart"], language), "", f"{each.apart_share:.2g}"])
    return markdown([say(WORDS["data"], language), say(WORDS["quantity"], language), "lme4", "Coachline"], lines)


def inserted(page: str, tables: str) -> str:
    """`page` with `tables` between its marks; a page without marks stays as it is."""
    before, begun, rest = page.partition(BEGIN)
    _, ended, after = rest.partition(END)
    return f"{before}{BEGIN}\n{tables}\n{END}{after}" if begun and ended else page


def without_headings(text: str) -> str:
    """Headings as bold lines, to stand under one of another page."""
    return re.sub(r"^#+ (.*)$", r"**\1**", text, flags=re.MULTILINE)


def markdown(heads: Sequence[str], lines: Sequence[Sequence[str]]) -> str:
    rows = [heads, ["---"] * len(heads), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def _share(share: float | None) -> str:
    return "–" if share is None else f"{share:.3f}"
