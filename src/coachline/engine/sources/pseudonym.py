"""Keyed hashes in place of customers' numbers and, where a map asks for it, of staff names.

HMAC-SHA-256 (RFC 2104) under the centre's own key, written as SQL so that it runs over millions of rows where they lie, and cut
to 96 bits: two of 100 million customers share a pseudonym with probability 6e-14.
"""

from __future__ import annotations

import hashlib
import hmac
import re

BLOCK = 64
LENGTH = 24
PSEUDONYM = re.compile(rf"[cs]_[0-9a-f]{{{LENGTH}}}")


class Pseudonymiser:
    """Turns identifiers into pseudonyms.

    Parameters
    ----------
    key : bytes
        The centre's secret; without it nobody can link a pseudonym to a number by trying all numbers.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key if len(key) <= BLOCK else hashlib.sha256(key).digest()

    def of(self, text: str, prefix: str = "c") -> str:
        """The pseudonym of one identifier, e.g. ``c_`` and 24 hexadecimal digits; a pseudonym stays as it is."""
        if PSEUDONYM.fullmatch(text):
            return text
        return f"{prefix}_{hmac.new(self._key, plain_number(text).encode(), 'sha256').hexdigest()[:LENGTH]}"

    def sql(self, text: str, prefix: str) -> str:
        """The same for the SQL expression `text`; null stays null, and so does a number that Excel rounded."""
        padded = self._key.ljust(BLOCK, b"\0")
        inner, outer = (bytes(b ^ fill for b in padded) for fill in (0x36, 0x5C))

        def digest(number: str) -> str:
            return f"'{prefix}_' || left(sha256({_blob(outer)} || unhex(sha256({_blob(inner)} || encode({number})))), {LENGTH})"

        signless = f"regexp_replace(regexp_replace({text}, '{SIGNS}', '', 'g'), '{DECIMALS}$', '')"
        national = rf"regexp_replace({signless}, '^{COUNTRY_CODE}$', '\1')"
        return (
            # Most exports hold bare digits: those are spared the rest.
            f"CASE WHEN regexp_full_match({text}, '1[0-9]{{10}}') THEN {digest(text)} "
            f"WHEN regexp_full_match({text}, '{PSEUDONYM.pattern}') THEN {text} "
            f"WHEN regexp_full_match({text}, '{ROUNDED}') THEN NULL "
            f"ELSE {digest(national)} END"
        )


ROUNDED = r"[0-9](\.[0-9]+)?[eE]\+?[0-9]+"
"""1.38E+10: Excel has thrown the last digits away, so many customers look like one."""

# Written out rather than with \s and \d, which Python and DuckDB understand differently beyond ASCII.
SIGNS = r"[ \t\r\n()+\-]"
DECIMALS = r"\.0+"
COUNTRY_CODE = r"(?:00)?86(1[0-9]{10})"


def plain_number(text: str) -> str:
    """A telephone number as one person would write it always: without country code, spaces and signs."""
    bare = re.sub(rf"{DECIMALS}\Z", "", re.sub(SIGNS, "", text))
    return re.sub(rf"\A{COUNTRY_CODE}\Z", r"\1", bare)


def _blob(octets: bytes) -> str:
    return "'" + "".join(f"\\x{b:02X}" for b in octets) + "'::BLOB"
