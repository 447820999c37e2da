"""Reduces a phone cell to its digits, as people, Excel and WhatsApp write it; it knows no plan."""

import re
import unicodedata
from typing import NamedTuple
from urllib.parse import unquote, unquote_plus

from waheal.campaign.names import says_telephone


class Unreadable(NamedTuple):
    """Why a cell holds no number, and what to do."""

    problem: str
    hint: str


WRITE_IT = "write it with + and its country code, such as +12025550100"
"""The way out of a number that can't be read."""

_SHAPE = re.compile(r"\(?\+?\(?[0-9][0-9 ()./\-]*")
_ORDINARY = re.compile(r"\(?\+?[0-9][0-9 ()\-]{0,30}")
_AS_BETWEEN = str.maketrans("[]_", "()-")
_DIGITS = str.maketrans("", "", "+ ()-")
_JID = re.compile(r"\+?([0-9]+)(?:[:.][0-9]+)*@(?:c\.us|s\.whatsapp\.net)", re.IGNORECASE)
_NO_PERSON = re.compile(r"\S+@(lid|g\.us|broadcast|newsletter)", re.IGNORECASE)
_LINK = re.compile(
    r"(?:https?://)?(?:www\.)?wa\.me/(?P<path>[^?#/&]*)"
    r"|(?:https?://)?(?:www\.|api\.|web\.|chat\.)?whatsapp\.com/send/?\?(?P<query>.*)"
    r"|whatsapp:(?://send/?\?(?P<app>.*)|(?P<bare>[^/].*))",
    re.IGNORECASE,
)
_IN_QUERY = re.compile(r"(?:^|&)phone=([^&#]*)", re.IGNORECASE)
_SCHEME = re.compile(r"(?:tel|sms|callto|skype|p):(?://)?", re.IGNORECASE)
_PLUSES = re.compile(r"\A(\(?)[+ ]*\+[+ ]*(?=[0-9(])")
_PLUS_BEHIND = re.compile(r"([1-9][0-9 ()./\-]*)\+")
_TRUNK_ZERO = re.compile(r"[(\[] *0 *[)\]]")
_ABROAD = re.compile(r"[( ]*(?:\+|00)")
_GROUPED = re.compile(r"\+?[0-9]{1,3}(?:,[0-9]{3}){2,}")
_SCIENTIFIC = re.compile(r"(\+?)([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})")
_POINT_ZERO = re.compile(r"(\+?[0-9]{6,})[.,]0+")
_BETWEEN = re.compile(r"[;,|&\n]|\b(?:or|and|und|oder|et|ou|y|o)\b", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:ext\.?|x|#|;ext=)\s*[0-9]+\s*$", re.IGNORECASE)
_WORDS = re.compile(r"[^\W\d_](?:[^\W\d_]|\.(?=[^\W\d_]))*[.:]*")
_EMPTY_BRACKETS = re.compile(r"[(\[][ .,:/&\-]*[)\]]")
_APOSTROPHES = "'\"\u2018\u2019\u02bc`\u00b4\u201c\u201d\u201e\u00ab\u00bb"
_ROUND = " \t:;,.|/*#-_"
_ENOUGH_DIGITS = 6
_PREFIX_DIGITS = 7  # a country and an area code, before a slash
_LONGEST_CELL = 400  # a link may bring a text along


def digits_of(cell: str) -> str | Unreadable:
    """Reduce a cell to digits, with a `+` in front where it is international."""
    if _ORDINARY.fullmatch(cell):  # most cells need no more than this
        return _international_or_not(cell.translate(_DIGITS), "+" in cell)
    text, abroad = _unwrap(cell) if len(cell) <= _LONGEST_CELL else ("?", False)
    if not text:
        return Unreadable("there is no number", "fill in the cell, or remove the row")
    written = _from_excel(text)
    if written is None:
        return Unreadable(
            "Excel rounded the number, so its last digits are lost",
            "format the column as text in Excel and enter the number again",
        )
    if _several(written):
        return Unreadable("there are two numbers in one cell", "give each number a row of its own")
    bare = _without_labels(written)
    if not _SHAPE.fullmatch(bare):
        return _shapeless(bare)
    return _international_or_not(re.sub(r"[^0-9]", "", bare), abroad or "+" in bare)


def _international_or_not(digits: str, abroad: bool) -> str:
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + digits if abroad else digits


def _unwrap(cell: str) -> tuple[str, bool]:
    """Take off what stands round a number; what is WhatsApp's has its country code, if no `+`."""
    text = _bare(_plain(cell))
    # Excel takes a number that begins with + for a formula, and ="…" keeps it from doing so.
    text = _bare(text.removeprefix("="))
    if jid := _JID.fullmatch(text):
        return jid[1], True
    if link := _LINK.match(text):
        return _of_link(link), True
    text = text[found.end() :].strip() if (found := _SCHEME.match(text)) else text
    text = _PLUSES.sub(r"\1+", text.strip("<>{}").translate(_AS_BETWEEN))
    if behind := _PLUS_BEHIND.fullmatch(text):  # where it is written from right to left
        return behind[1], True
    return (_TRUNK_ZERO.sub("", text) if _ABROAD.match(text) else text), False


def _bare(text: str) -> str:
    return text.strip().lstrip(_APOSTROPHES).strip().rstrip(_ROUND + _APOSTROPHES)


def _of_link(link: re.Match[str]) -> str:
    query = link["query"] or link["app"]
    if query is None:
        return unquote(link["path"] or link["bare"] or "?").strip()
    phone = _IN_QUERY.search(query)
    return unquote_plus(phone[1]).strip() if phone else "?"


def _plain(cell: str) -> str:
    """Map what looks like a digit, a blank, a dash or a plus to it; drop what is invisible."""
    return cell if cell.isascii() else "".join(map(_plain_character, cell))


def _plain_character(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Zs":
            return " "
        case "Cf" | "Mn" | "So":  # a drawn telephone says nothing
            return ""
        case "Pd":
            return "-"
        case "Sm" | "Ps" | "Pe" | "Po":
            return "-" if character == "\u2212" else unicodedata.normalize("NFKC", character)
        case _:
            return character


def _without_labels(text: str) -> str:
    """Take off `Tel.:` and `(mobile)`; other words stay, and make it no number."""
    words = _WORDS.findall(text)
    if not words or _EXTENSION.search(text) or not all(map(says_telephone, words)):
        return text
    bare = _EMPTY_BRACKETS.sub("", _WORDS.sub("", text)).strip(_ROUND)
    return _TRUNK_ZERO.sub("", bare) if _ABROAD.match(bare) else bare


def _from_excel(text: str) -> str | None:
    """Undo what Excel made of a number; None where it can't be undone."""
    if _GROUPED.fullmatch(text):
        return text.replace(",", "")
    if zero := _POINT_ZERO.fullmatch(text):
        return zero[1]
    scientific = _SCIENTIFIC.fullmatch(text)
    if scientific is None:
        return text
    plus, first, rest, exponent = scientific.groups("")
    wanted = int(exponent)
    if len(rest) < wanted or rest[wanted:].strip("0"):
        return None
    return plus + first + rest[:wanted]


def _several(text: str) -> bool:
    if text.count("+") > 1:
        return True
    parts = [part for each in _BETWEEN.split(text) for part in _slashed(each)]
    return sum(sum(map(str.isdigit, part)) >= _ENOUGH_DIGITS for part in parts) > 1


def _slashed(text: str) -> list[str]:
    """Split at slashes, but not `0171/3920005`: what stands before it is no number."""
    first, *others = text.split("/")
    digits = sum(map(str.isdigit, first))
    alone = len(others) == 1 and not others[0].strip().startswith(("0", "+"))
    if alone and digits <= _PREFIX_DIGITS and first.strip(" (").startswith(("0", "+")):
        return [text]
    return [first, *others]


def _no_person(server: str) -> Unreadable:
    if server.lower() == "lid":
        return Unreadable("this is a LID, which tells no number", WRITE_IT)
    return Unreadable("this is a group or a list, not a person", WRITE_IT)


def _shapeless(text: str) -> Unreadable:
    if nobody := _NO_PERSON.fullmatch(text):
        return _no_person(nobody[1])
    if _EXTENSION.search(text):
        return Unreadable(
            "the number has an extension", "WhatsApp has none: give the number itself"
        )
    return Unreadable("this is not a phone number", WRITE_IT)
