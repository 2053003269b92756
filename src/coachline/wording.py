"""Turns codes into sentences: the only place, besides page templates, where a language is chosen."""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = {"zh": "zh_Hans", "en": "en"}
"""Language as the user names it -> folder of its catalogue."""

DEFAULT = "zh"


class Wording:
    """Looks up sentences in one language.

    Parameters
    ----------
    language : str, optional
        ``zh`` or ``en``; without it the environment variable ``COACHLINE_LANG`` decides, else Chinese.

    Examples
    --------
    >>> Wording("en")("metric.connect_rate")
    'Connect rate'
    """

    def __init__(self, language: str | None = None) -> None:
        chosen = language or os.environ.get("COACHLINE_LANG", "") or DEFAULT
        # zh_CN.UTF-8, zh-Hans and en_GB are all ways in which a machine names these two.
        self.language = next((short for short in LANGUAGES if chosen.lower().startswith(short)), DEFAULT)
        self._sentences = _catalogue(self.language)

    def __call__(self, code: str, /, **facts: Any) -> str:
        """The sentence for `code` with `facts` filled in; the code itself where no sentence exists."""
        sentence = self._sentences.get(code)
        if sentence is None:
            return code if not facts else f"{code} {facts}"
        return sentence.format(**facts)

    def knows(self, code: str) -> bool:
        return code in self._sentences

    def codes(self) -> frozenset[str]:
        return frozenset(self._sentences)


@cache
def _catalogue(language: str) -> dict[str, str]:
    folder = Path(__file__).parent / "locale" / LANGUAGES[language]
    sentences: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        sentences.update(_flat(tomllib.loads(file.read_text(encoding="utf-8"))))
    return sentences


def _flat(node: dict[str, Any], prefix: str = "") -> dict[str, str]:
    flat: dict[str, str] = {}
    for key, value in node.items():
        if isinstance(value, dict):
            flat.update(_flat(value, f"{prefix}{key}."))
        else:
            flat[prefix + key] = value
    return flat
