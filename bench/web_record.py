"""The figures of ``bench.web`` as pages in Chinese and English: ``python -m bench.web_record`` writes them anew from the last measurement."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from bench import sample

FIGURES = sample.DATA / "web-figures.json"
PAGES = {language: Path(__file__).parents[1] / "docs" / f"bench-web.{language}.md" for language in ("zh", "en")}
WORDS = {
    "title": ("网页应用的速度", "Speed of the web application"),
    "how": (
        "本页由 `python -m bench.run --only web` 写成。模拟中心有 300 名坐席、200 项业务、{calls:,} 条通话；用 `coachline serve` 启动真正的服务（2 个进程），20 位各种角色的用户"
        "经登录表单进入，同时打开一个工作日早晨会看的页面，每次之间停顿 1–3 秒；浏览器缓存、铃铛和矩阵数据照常读取。计时从发出请求到收到 HTML 的最后一个字节。"
        "另有一轮不停顿，只看机器能承受多少。服务进程里每运行一项分析都会被记下：必须为零，任务数也必须不变。",
        "Written by `python -m bench.run --only web`. The simulated centre has 300 agents, 200 businesses and {calls:,} calls. `coachline serve` starts the real "
        "server (2 processes); 20 users of all roles sign in by the form and open, all at once, the pages of a working morning with pauses of 1–3 s; what the "
        "browser keeps, the bell and the data of the matrix are fetched as ever. A page counts from the request to the last byte of its HTML. A further round without pauses says "
        "what the machine carries. Every analysis that a server process ran would be written down: there must be none, and no new run.",
    ),
    "made": (
        "准备：模拟并导入 {simulate_s:.0f} 秒，内存峰值 {simulate_gb:.1f} GB；全部计算一次 {calculate_s:.0f} 秒，峰值 {calculate_gb:.1f} GB（当时机器负载 {load:.1f}）。",
        "Made ready: simulated and imported in {simulate_s:.0f} s, at most {simulate_gb:.1f} GB; everything calculated once in {calculate_s:.0f} s, at most "
        "{calculate_gb:.1f} GB (load of the machine {load:.1f}).",
    ),
    "load": (
        "秒数只对这台机器当时的负载成立；负载高于处理器数时，等待的是别的程序。与只有框架的页面之比才可以带走。",
        "Seconds hold for this machine under the load that stands beside them; beyond one per core, pages wait for other programs. What travels is the ratio to a page of little but the frame.",
    ),
    "round": ("轮次", "round"),
    "first": ("首次打开", "first look"),
    "calm": ("有停顿", "with pauses"),
    "driven": ("无停顿", "without pauses"),
    "loads": ("次数", "loads"),
    "median": ("中位数 ms", "median ms"),
    "p95": ("95% ms", "95 % ms"),
    "p99": ("99% ms", "99 % ms"),
    "per_second": ("每秒页数", "pages/s"),
    "errors": ("错误", "errors"),
    "machine": ("负载", "load"),
    "page": ("页面（有停顿）", "page (with pauses)"),
    "ratio": ("与框架之比", "beside the frame"),
    "other": (
        "服务内存 {memory_gb:.2f} GB；最小的回答（healthz，无人时）{healthz_ms:.1f} ms；启动的任务 {runs}，运行的分析 {analyses}。",
        "Memory of the server {memory_gb:.2f} GB; smallest answer (healthz, nobody else there) {healthz_ms:.1f} ms; runs started {runs}, analyses run {analyses}.",
    ),
}


def write(figures: dict[str, Any]) -> None:
    """Both pages."""
    for number, (language, page) in enumerate(PAGES.items()):
        page.write_text(_page(figures, {code: said[number] for code, said in WORDS.items()}), encoding="utf-8")
        print(f"{language}: {page.name}")


def _page(figures: dict[str, Any], say: dict[str, str]) -> str:
    parts = [f"# {say['title']}", say["how"].format(calls=figures["calls"]), say["made"].format(**figures["costs"]), say["load"]]
    for name in ("SQLite", "PostgreSQL"):
        if name not in figures:
            continue
        found = figures[name]
        parts += [f"## {name}", _rounds(found, say), say["other"].format(**found), _kinds(found["calm"]["pages"], say)]
    return "\n\n".join(parts) + "\n"


def _rounds(found: dict[str, Any], say: dict[str, str]) -> str:
    heads = ("round", "loads", "median", "p95", "p99", "per_second", "errors", "machine")
    rows = [
        (say[code], f"{r['loads']:,}", *(f"{r[of]:.0f}" for of in ("median", "p95", "p99")), f"{r['per_second']:.1f}", str(r["errors"]), f"{r['load']:.1f}")
        for code in ("first", "calm", "driven")
        for r in (found[code],)
    ]  # fmt: skip
    return _table([say[head] for head in heads], rows)


def _kinds(pages: dict[str, Any], say: dict[str, str]) -> str:
    frame = pages["me"]["median"]
    rows = [
        (
            f"`{code}`",
            f"{r['loads']:,}",
            *(f"{r[of]:.0f}" for of in ("median", "p95", "p99")),
            f"{r['median'] / frame:.1f}",
            f"{r['kb']:.0f}",
        )
        for code, r in sorted(pages.items(), key=lambda item: -item[1]["median"])
    ]
    return _table([*(say[head] for head in ("page", "loads", "median", "p95", "p99", "ratio")), "kB"], rows)


def _table(heads: list[str], rows: list[tuple[str, ...]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


if __name__ == "__main__":
    write(json.loads(FIGURES.read_text(encoding="utf-8")))
