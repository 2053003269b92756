"""Both languages say everything that the code can want to say."""

from __future__ import annotations

import ast
import re
import string
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from coachline.engine.analyses import ANALYSES
from coachline.engine.tables import TABLES
from coachline.wording import LANGUAGES
from tests.repo.tree import ROOT, SOURCE, files, modules
from tools.full_width import full_width

LOCALE = SOURCE / "locale"

SPEAKERS = {"CoachlineError": "error.", "Note": "note.", "Check": "check.", "words": "", "wording": "", "sentence": "", "say": ""}
"""What carries a code -> where its sentence stands. The last four are how the code calls a `Wording`."""


def flat(node: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for key, value in node.items():
        if isinstance(value, dict):
            yield from flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def catalogue(language: str) -> dict[str, str]:
    """Every sentence of `language`; a code that stands in two files is an error here."""
    sentences: dict[str, str] = {}
    for path in sorted((LOCALE / LANGUAGES[language]).glob("*.toml")):
        for code, sentence in flat(tomllib.loads(path.read_text(encoding="utf-8"))):
            assert code not in sentences, f"{code} stands twice, the second time in {path.name}"
            sentences[code] = sentence
    return sentences


def placeholders(sentence: str) -> set[str]:
    return {name.split(".")[0].split("[")[0] for _, name, _, _ in string.Formatter().parse(sentence) if name is not None}


@dataclass(frozen=True)
class Spoken:
    """A place in the source that wants a sentence: with which code, or beginning of a code, and with which facts if they are written out."""

    where: str
    code: str
    whole: bool
    facts: frozenset[str] | None


def spoken() -> Iterator[Spoken]:
    for path in modules():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and (name := called(node.func)) in SPEAKERS:
                for code, whole in codes(node.args[0]):
                    yield Spoken(f"{path.relative_to(ROOT)}:{node.lineno}", SPEAKERS[name] + code, whole, facts(node))
    for path in files(SOURCE):
        if path.suffix in {".j2", ".html"}:
            text = path.read_text(encoding="utf-8")
            for found in re.finditer(r"\bwords\('([^']+)'( ~)?", text):
                yield Spoken(str(path.relative_to(ROOT)), found[1], not found[2], None)
            yield from tags(path, text)


def tags(path: Path, text: str) -> Iterator[Spoken]:
    """``{% say 'code' count=3 %}`` and ``{{ role|said:'role.' }}`` in the templates of pages."""
    where = str(path.relative_to(ROOT))
    for found in re.finditer(r"""\{%\s*say ['"]([^'"]+)['"]([^%]*)%\}""", text):
        yield Spoken(where, found[1], True, frozenset(re.findall(r"\b(\w+)=", found[2])))
    for found in re.finditer(r"""\|said:['"]([^'"]+)['"]""", text):
        yield Spoken(where, found[1], False, None)


def called(function: ast.expr) -> str:
    """``raise CoachlineError(...)``, ``words(...)``, ``self.words(...)`` and ``words()(...)`` alike."""
    if isinstance(function, ast.Call):
        return called(function.func)
    return function.attr if isinstance(function, ast.Attribute) else function.id if isinstance(function, ast.Name) else ""


def codes(node: ast.expr) -> Iterator[tuple[str, bool]]:
    """The codes that an expression can be, both sides of a condition; of an f-string the part before its first value."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value, True
    elif isinstance(node, ast.IfExp):
        yield from codes(node.body)
        yield from codes(node.orelse)
    elif isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
        yield str(node.values[0].value), False


def facts(call: ast.Call) -> frozenset[str] | None:
    """The names of the facts that go along, where the source spells them out."""
    if called(call.func) in {"Note", "Check"}:
        given = [a for a in (*call.args[1:], *(k.value for k in call.keywords if k.arg == "facts")) if isinstance(a, ast.Dict)]
        keys = [key for each in given for key in each.keys]
        if called(call.func) == "Check" or any(not isinstance(key, ast.Constant) for key in keys) or (len(call.args) > 1 and not given):
            return None
        return frozenset(str(key.value) for key in keys if isinstance(key, ast.Constant))
    if any(keyword.arg is None for keyword in call.keywords):
        return None
    return frozenset(keyword.arg for keyword in call.keywords if keyword.arg)


def test_both_languages_have_the_same_codes() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert not zh.keys() - en.keys(), "English lacks these"
    assert not en.keys() - zh.keys(), "Chinese lacks these"


def test_both_languages_stand_in_the_same_files() -> None:
    zh, en = ({path.name for path in (LOCALE / folder).glob("*.toml")} for folder in LANGUAGES.values())
    assert zh == en


def test_both_languages_use_the_same_facts() -> None:
    zh, en = catalogue("zh"), catalogue("en")
    assert not {code: (zh[code], en[code]) for code in zh.keys() & en.keys() if placeholders(zh[code]) != placeholders(en[code])}


def test_no_code_is_empty_in_both_languages() -> None:
    # What separates in one language may be nothing in the other.
    zh, en = catalogue("zh"), catalogue("en")
    assert not [code for code in zh.keys() & en.keys() if not zh[code] and not en[code]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_code_in_the_source_has_its_sentence(language: str) -> None:
    known = catalogue(language)
    lost = [
        f"{place.where}: {place.code}"
        for place in spoken()
        if not (place.code in known if place.whole else any(code.startswith(place.code) for code in known))
    ]
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_gets_the_facts_it_names(language: str) -> None:
    known = catalogue(language)
    short = [
        f"{place.where}: {place.code} wants {sorted(missing)}"
        for place in spoken()
        if place.whole and place.facts is not None and (missing := placeholders(known.get(place.code, "")) - place.facts)
    ]
    assert not short, "\n".join(short)


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_declared_has_its_words(language: str) -> None:
    wanted = {f"rule.{rule.code}" for table in TABLES.values() for rule in table.rules}
    for analysis in ANALYSES.values():
        wanted |= {f"analysis.{analysis.name}.title", f"analysis.{analysis.name}.summary"}
        wanted |= {f"parameter.{parameter.name}" for parameter in analysis.parameters}
    assert not sorted(wanted - catalogue(language).keys())


def chinese_texts() -> list[Path]:
    """All but the page of tables, which quotes headers as exports write them."""
    texts = [*(LOCALE / LANGUAGES["zh"]).glob("*.toml"), *(path for path in files(ROOT / "docs") if path.name.endswith(".zh.md"))]
    texts.remove(ROOT / "docs" / "tables.zh.md")
    return [*texts, ROOT / "docs" / "glossary.md", ROOT / "README.md"]


def test_chinese_uses_full_width_punctuation() -> None:
    """``python tools/full_width.py FILE`` puts it right."""
    half = [
        f"{path.relative_to(ROOT)}:{number}: {line}"
        for path in chinese_texts()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if full_width(line) != line
    ]
    assert not half, "\n".join(half)
