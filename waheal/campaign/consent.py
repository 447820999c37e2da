"""Reads a consent cell as lists have it: a yes, a no, or the day on which somebody agreed."""

import re
from datetime import date
from functools import cache, lru_cache
from itertools import chain

from waheal.vocabulary.agreeing import NO_WORDS, YES_WORDS
from waheal.vocabulary.forms import forms
from waheal.vocabulary.opting import POLITE, START_WORDS, STOP_WORDS

_NUMBERS = {"1": True, "1.0": True, "0": False, "0.0": False}
_EARLIEST = 2000  # a year before it stands for none: 1970-01-01, 1900-01-00
_MONTH = r"(?:de )?[^\W\d_]{3,12}\.?(?: de)?"
_DAY = re.compile(
    r"(?P<y>\d{4})[-/.年] ?(?P<m>\d{1,2})[-/.月] ?(?P<d>\d{1,2})日?"
    r"|(?P<a>\d{1,2})[-/.] ?(?P<b>\d{1,2})[-/.] ?(?P<year>\d{4}|\d\d)"
    rf"|(?P<a2>\d{{1,2}})(?:\.|st|nd|rd|th)?[ -]{_MONTH}[ ,-]{{1,2}}(?P<year2>\d{{4}}|\d\d)\b"
    rf"|{_MONTH} (?P<a3>\d{{1,2}})(?:st|nd|rd|th)?,? (?P<year3>\d{{4}})"
    r"|(?P<y4>\d{4})(?P<m4>\d\d)(?P<d4>\d\d)(?!\d)",
    re.IGNORECASE,
)
_MONTH_OF = re.compile(r"20\d\d[-/.](?:0?[1-9]|1[0-2])|(?:0?[1-9]|1[0-2])[-/.]20\d\d")
_LONGEST = 500  # a text of its own: no word, and no date
_YEAR = re.compile(r"\W+20\d\d\W*$")
_TIME = re.compile(
    r"[T ,]*(?:at |um |à )?\d{1,2}[:.h]\d{2}(?:[:.]\d{2}(?:[.,]\d+)?)?"
    r" *(?:[ap]\.?m\.?)? *(?:Z\b|UTC|GMT|[A-Z]{3,4}\b|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_BETWEEN = " \t,;:()[]-\u2013\u2014|/"
_JOINS = re.compile(
    r"\b(?:on|since|at|am|seit|vom|le|el|em|del|il|dal|op|från|fra|(?:mon|tue|wed|thu|fri|sat|sun)\w*)$"
)


@lru_cache(maxsize=1024)  # a list has few different ones
def read_consent(cell: str) -> bool | None:
    """Tell whether a cell that is not empty agrees; None where it says neither.

    Words count in the languages of the opt-outs, and a date says that it was then: alone it agrees,
    beside a word the word counts.
    """
    if len(cell) > _LONGEST:
        return None
    text = cell.replace("_", " ").strip()
    if text.casefold() in _NUMBERS:
        return _NUMBERS[text.casefold()]
    said = _said(_YEAR.sub("", text))
    if said is not None:
        return said
    if _MONTH_OF.fullmatch(text):
        return True
    found = _DAY.search(text)
    if found is None or not _is_day(found):
        return None
    rest = text[: found.start()].strip(_BETWEEN), _without_time(text[found.end() :])
    words = _JOINS.sub("", " ".join(filter(None, rest)).casefold()).strip(_BETWEEN)
    return _said(words) if words else True


def _said(text: str) -> bool | None:
    if not any(map(str.isalpha, text)):
        return _SIGNS.get(text.strip("\ufe0f"))
    known = (_words().get(form) for each in forms(text) for form in (each, _bare(each)))
    return next((said for said in known if said is not None), None)


def _bare(form: str) -> str:
    """Take a thank-you off the end: "no thanks"."""
    for word in _polite():
        form = form.removesuffix(f" {word}")
    return form


def _without_time(text: str) -> str:
    return _TIME.sub("", text, count=1).strip(_BETWEEN)


def _is_day(found: re.Match[str]) -> bool:
    """Whether it is a day, in whichever order its numbers stand."""
    part = {name: int(value) for name, value in found.groupdict().items() if value is not None}
    year = next(part[name] for name in ("y", "year", "year2", "year3", "y4") if name in part)
    year += 2000 if year < 100 else 0  # noqa: PLR2004 - written with two digits
    one, other = (
        next((part[name] for name in names if name in part), 1)
        for names in (("a", "a2", "a3", "d", "d4"), ("b", "m", "m4"))
    )
    orders = ((one, other), (other, one)) if "a" in part else ((one, other),)
    return year >= _EARLIEST and any(_exists(year, month, day) for day, month in orders)


def _exists(year: int, month: int, day: int) -> bool:
    try:
        date(year, month, day)
    except ValueError:
        return False
    return True


@cache
def _polite() -> tuple[str, ...]:
    return tuple({form for word in POLITE for form in forms(word)})


@cache
def _words() -> dict[str, bool]:
    """Give the plain forms of all words; what is a yes here and a no there is a no."""
    words = dict[str, bool]()
    for said, some in (
        (True, START_WORDS),
        (False, STOP_WORDS),
        (True, YES_WORDS),
        (False, NO_WORDS),
    ):
        words |= {form: said for word in chain(*some.values()) for form in forms(word)}
    return words


_SIGNS = dict.fromkeys(YES_WORDS["signs"], True) | dict.fromkeys(NO_WORDS["signs"], False)
