"""Reading a report back: its structure, its words, its pictures."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

VOID = {"meta", "br", "hr", "img", "input", "link"}


@dataclass
class Page:
    """What stands on a page: visible text by element, attributes, and the data of the pictures."""

    texts: list[tuple[str, str]] = field(default_factory=list)
    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    scripts: list[str] = field(default_factory=list)
    data: dict[str, Any] = field(default_factory=dict)
    open_at_end: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "\n".join(text for _, text in self.texts)

    def of(self, element: str) -> list[str]:
        """Texts of all elements of a kind."""
        return [text for kind, text in self.texts if kind == element]

    def ids(self) -> list[str]:
        return [attributes["id"] or "" for _, attributes in self.elements if "id" in attributes]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.page = Page()
        self.stack: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.page.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.stack.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.stack, f"</{tag}> closes nothing"
        assert self.stack[-1] == tag, f"</{tag}> closes <{self.stack[-1]}>"
        self.stack.pop()

    def handle_data(self, data: str) -> None:
        inside = self.stack[-1] if self.stack else ""
        if inside == "script":
            self.page.scripts.append(data)
        elif inside != "style" and data.strip():
            self.page.texts.append((inside, data.strip()))


def read(file: Path) -> Page:
    """The page in `file`; fails where elements are not properly nested."""
    reader = _Reader()
    reader.feed(file.read_text(encoding="utf-8"))
    reader.close()
    page = reader.page
    page.open_at_end = reader.stack
    page.data = next(json.loads(script) for script in page.scripts if script.lstrip().startswith('{"words"'))
    return page


def pictures(page: Page, kind: str) -> list[dict[str, Any]]:
    return [picture for picture in page.data["pictures"] if picture["kind"] == kind]
