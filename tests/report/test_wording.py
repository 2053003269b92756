"""Every sentence that the report wants is there in both languages, and no other."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from pathlib import Path

import coachline.report
from coachline.report.chapters import CHAPTERS
from coachline.report.page import TOOLTIP_WORDS
from coachline.report.workbook import CODES
from coachline.wording import LANGUAGES, Wording

SOURCE = Path(coachline.report.__file__).parent
LOCALE = SOURCE.parent / "locale"


def own(language: str) -> dict[str, str]:
    """Codes and sentences of the report's own file, below ``report``."""

    def flat(node: dict[str, object], prefix: str) -> dict[str, str]:
        found: dict[str, str] = {}
        for key, value in node.items():
            found |= flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: str(value)}
        return found

    text = (LOCALE / LANGUAGES[language] / "report.toml").read_text(encoding="utf-8")
    return flat(tomllib.loads(text)["report"], "report.")


def wanted() -> set[str]:
    """Patterns of the codes in source and templates; what is filled in at run time stands for any word."""
    found = {rf"{re.escape(family)}\.\w+" for family in CODES.values() if family.startswith("report.")}
    for file in SOURCE.rglob("*.py"):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        built = [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]
        pieces = {id(piece) for node in built for piece in node.values}
        for node in ast.walk(tree):
            if (
                isinstance(node, ast.Constant)
                and id(node) not in pieces
                and isinstance(node.value, str)
                and re.fullmatch(r"report\.[a-z_.]+", node.value)
            ):
                found.add(re.escape(node.value))
        for node in built:
            pattern = "".join(re.escape(part.value) if isinstance(part, ast.Constant) else r"[\w.]+" for part in node.values)
            found |= {pattern} if pattern.startswith(r"report\.") else set()
    for file in SOURCE.rglob("*.j2"):
        found |= {
            re.escape(code) + (r"\w+" if code.endswith(".") else "")
            for code in re.findall(r"'(report\.[a-z_.]+)'", file.read_text(encoding="utf-8"))
        }
    return found - {re.escape(family) for family in CODES.values()}


def test_every_wanted_sentence_is_in_both_languages() -> None:
    for language in LANGUAGES:
        there = own(language)
        assert {code for code in wanted() if not any(re.fullmatch(code, known) for known in there)} == set()
        words = Wording(language)
        assert all(words.knows(f"report.chapter.{chapter.code}") for chapter in CHAPTERS)
        assert all(words.knows(f"report.tip.{name}") for name in TOOLTIP_WORDS)


def test_no_sentence_is_idle() -> None:
    patterns = wanted()
    assert [known for known in own("zh") if not any(re.fullmatch(code, known) for code in patterns)] == []


def test_both_languages_have_the_same_codes_and_placeholders() -> None:
    zh, en = own("zh"), own("en")
    assert set(zh) == set(en)
    names = {code: [{name for _, name, _, _ in string.Formatter().parse(text) if name} for text in (zh[code], en[code])] for code in zh}
    assert {code: found for code, found in names.items() if found[0] != found[1]} == {}
