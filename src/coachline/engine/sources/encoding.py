"""Which encoding a text file of a Chinese (or English) system is in."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path

from charset_normalizer import from_bytes

from coachline.errors import CoachlineError

SAMPLE = 1 << 20
CHUNK = 1 << 22

BYTE_ORDER_MARKS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))


def detect(path: Path) -> str:
    """Name of the encoding of `path`: ``utf-8``, ``gb18030``, ``utf-16``, ``utf-16-le``, ``utf-16-be`` or ``big5``.

    UTF-8 is proved by decoding; GB18030 decodes much that is not Chinese, so its text must also look Chinese.

    Raises
    ------
    CoachlineError
        ``not_a_table`` for binary content, ``encoding_unknown`` where nothing fits.
    """
    with path.open("rb") as file:
        head = file.read(SAMPLE)
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name
    if b"\0" in head:
        return _utf16_without_mark(head, path)
    sample = _first_beyond_ascii(path)
    if sample is None:
        return "utf-8"
    if _decodes(sample, "utf-8"):
        return "utf-8"
    if _decodes(sample, "gb18030") and _looks_chinese(sample.decode("gb18030", "ignore")):
        return "gb18030"
    guess = from_bytes(sample[: 1 << 16], cp_isolation=["big5", "big5hkscs", "gb18030"]).best()
    if guess is not None and guess.encoding.startswith("big5") and _decodes(sample, guess.encoding):
        return guess.encoding
    # A file that is Chinese but damaged in places (cut in the middle of a character) still loads; the lines concerned are rejected.
    if _looks_chinese(sample.decode("gb18030", "ignore")) and sample.decode("gb18030", "replace").count("�") * 1000 < len(sample):
        return "gb18030"
    if sample.decode("utf-8", "replace").count("�") * 1000 < len(sample):
        return "utf-8"
    raise CoachlineError("encoding_unknown", file=path.name)


def as_utf8(path: Path, encoding: str, target: Path) -> bool:
    """Write a UTF-8 copy of `path` to `target`.

    Returns
    -------
    bool
        Whether some bytes could not be decoded: they became U+FFFD, by which their rows are found later.
    """
    damaged = False
    with path.open("r", encoding=encoding, errors="replace", newline="") as file, target.open("w", encoding="utf-8", newline="") as copy:
        while chunk := file.read(CHUNK):
            damaged = damaged or "\ufffd" in chunk
            copy.write(chunk)
    return damaged


def with_even_line_ends(path: Path, target: Path) -> Path:
    """A copy of a UTF-8 file at `target` in which every line ends alike."""
    with path.open("r", encoding="utf-8", errors="replace", newline=None) as file, target.open("w", encoding="utf-8", newline="\n") as copy:
        while chunk := file.read(CHUNK):
            copy.write(chunk)
    return target


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _first_beyond_ascii(path: Path) -> bytes | None:
    """The first stretch that holds anything beyond ASCII, or None: English files may turn Chinese after many lines."""
    for chunk in _chunks(path):
        if not chunk.isascii():
            start = next(i for i, byte in enumerate(chunk) if byte > 0x7F) if chunk[:SAMPLE].isascii() else 0
            # Begin at a line, never inside a character.
            start = chunk.rfind(b"\n", 0, start) + 1
            return chunk[start : start + SAMPLE]
    return None


def _decodes(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample, final=False)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(text: str) -> bool:
    """Whether most characters beyond ASCII are of the 3,755 common hanzi (GB 2312 level 1) or Chinese punctuation."""
    beyond = [c for c in text if ord(c) > 0x7F]
    if not beyond:
        return False
    return sum(map(_is_common, beyond[:20_000])) >= 0.6 * len(beyond[:20_000])


def _is_common(character: str) -> bool:
    try:
        code = character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return 0xB0 <= code[0] <= 0xD7 or code[0] in (0xA1, 0xA3)


def _utf16_without_mark(head: bytes, path: Path) -> str:
    """UTF-16 whose byte order shows in the zero bytes of its ASCII characters; anything else with zero bytes is binary."""
    even, odd = head[0:4096:2].count(0), head[1:4096:2].count(0)
    name = "utf-16-le" if odd > even else "utf-16-be"
    if min(even, odd) == 0 and _decodes(head, name):
        return name
    raise CoachlineError("not_a_table", file=path.name)
