r"""Cells that a spreadsheet will open: no text of others may become a formula; no I/O.

A cell is run as a formula if it starts with a sign, whatever blanks stand before it; and a
spreadsheet of another locale starts cells where it likes, since it splits a file with commas by
semicolons or tabs, and then reads quotes its own way.
Source: https://owasp.org/www-community/attacks/CSV_Injection
"""

import re

_SIGNS = r"=+\-@＝＋－＠﹦﹢﹣﹫−"  # noqa: RUF001 - full-width and small ones are run as well
_PARTS = r";|\t\r\n\v\f\x85\u2028\u2029"
_BLANKS = r" \x00-\x08\x0e-\x1f\xa0\u1680\u2000-\u200f\u202f\u205f\u2060\u3000\ufeff\""
_START = re.compile(
    rf"\A(?=[\t\r\n]|[,{_PARTS}{_BLANKS}]*[{_SIGNS}])"
    rf"|(?<=[{_PARTS}])(?=[{_BLANKS}]*[{_SIGNS}])"
)
_NUMBER = re.compile(r"[+\-][0-9]+")


def harmless(text: str) -> str:
    """Give a cell with an apostrophe wherever a formula could start; a plain number is none."""
    return text if _NUMBER.fullmatch(text) else _START.sub("'", text)
