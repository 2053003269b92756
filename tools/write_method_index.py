"""Writes ``docs/methods/README.md``: one line per analysis, in the order of the table of contents. Run as ``make docs``."""

from __future__ import annotations

from pathlib import Path

from coachline.engine.analyses import ANALYSES
from coachline.wording import Wording

METHODS = Path(__file__).parents[1] / "docs" / "methods"


def index() -> str:
    """The whole page."""
    zh, en = Wording("zh"), Wording("en")
    lines = ["| | 中文 | English |", "|---|---|---|"]
    for name in ANALYSES:
        titles = (f"[{words(f'analysis.{name}.title')}]({name}.{short}.md)" for short, words in (("zh", zh), ("en", en)))
        lines.append(f"| `{name}` | {' | '.join(titles)} |")
    others = sorted({path.name.split(".")[0] for path in METHODS.glob("*.*.md")} - {name.split(".")[0] for name in ANALYSES})
    lines += [f"| `{name}` | [{name}]({name}.zh.md) | [{name}]({name}.en.md) |" for name in others]
    return (
        "# 分析方法 · Methods\n\n由分析目录自动生成（`make docs`）。Written from the table of contents by `make docs`.\n\n"
        + "\n".join(lines)
        + "\n"
    )


if __name__ == "__main__":
    (METHODS / "README.md").write_text(index(), encoding="utf-8")
