"""The filters and operators that a template may use, each bounded in time and memory.

Jinja's own are not used: some of them grow without bound (`round(-10**9)`, `center`, `replace`).
"""

import operator
import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

from jinja2 import Undefined, UndefinedError
from jinja2.exceptions import SecurityError

LONGEST = 1 << 20
"""Characters that a value may have on the way to a text."""

_OPERATORS: Mapping[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}
LARGEST = 10**15
"""The largest number that a template may calculate with."""

_DECIMALS = 15
_FORMAT = re.compile(r"%(?:%|[-+ 0#]{0,5}[0-9]{0,2}(?:\.[0-9]{1,2})?[sdifgeGE])")


class EmptyPrintedError(UndefinedError):
    """An empty cell was printed; the message is its variable's name."""


class Empty(Undefined):
    """An empty cell: it may be tested or given a default, but not printed."""

    __slots__ = ()

    def __init__(self, name: str) -> None:
        super().__init__(hint=name, name=name, exc=EmptyPrintedError)

    def __str__(self) -> str:
        raise EmptyPrintedError(self._undefined_name)

    def __eq__(self, other: object) -> bool:
        return other == "" or isinstance(other, Empty)

    def __ne__(self, other: object) -> bool:
        return not self == other

    def __hash__(self) -> int:
        return hash("")


def printed(value: object) -> str:
    """Give a value as it is printed: a text or a number, for anything else tells how Python works.

    Raises: SecurityError; UndefinedError where there is none.
    """
    if isinstance(value, str | int | float | Undefined):
        return str(value)
    raise SecurityError("only texts and numbers can be printed")


def bounded(text: str) -> str:
    """Give the text back, unless it is too long.

    Raises: SecurityError.
    """
    if len(text) > LONGEST:
        raise SecurityError(f"a value grows past {LONGEST:,} characters")
    return text


def combine(sign: str, left: object, right: object) -> object:
    """Apply `+ - * / // %` to numbers of a sensible size, and `+` to texts.

    Raises: SecurityError.
    """
    if isinstance(left, str) and isinstance(right, str) and sign == "+":
        return bounded(left + right)
    if isinstance(left, Undefined) or isinstance(right, Undefined):
        return str(left) + str(right)  # raises, and names the variable
    operate = _OPERATORS.get(sign)
    if operate is None:
        raise SecurityError(f"the operator {sign} has no place in a message")
    return operate(_figure(left), _figure(right))


def _figure(value: object) -> int | float:
    if not isinstance(value, int | float):
        raise SecurityError(
            "only numbers can be calculated with; use `|int` or `|float`, and ~ to join texts"
        )
    if abs(value) > LARGEST:
        raise SecurityError("a number is too large to calculate with")
    return value


def join(parts: list[object]) -> str:
    """Join values as `~` does."""
    texts = [printed(part) for part in parts]
    if sum(map(len, texts)) > LONGEST:
        raise SecurityError(f"a value grows past {LONGEST:,} characters")
    return "".join(texts)


def _textual(change: Callable[[str], str]) -> Callable[[object], object]:
    """Leave an empty cell empty, so that it can still be tested after the filter."""

    def apply(value: object) -> object:
        return value if isinstance(value, Empty) else bounded(change(printed(value)))

    return apply


def _replace(value: object, old: object, new: object) -> object:
    if isinstance(value, Empty):
        return value
    text, gone, come = printed(value), printed(old), printed(new)
    if text.count(gone) * len(come) > LONGEST:
        raise SecurityError(f"a value grows past {LONGEST:,} characters")
    return bounded(text.replace(gone, come))


def _default(value: object, default: object = "", _boolean: object = None) -> object:
    return default if isinstance(value, Undefined) or value == "" else value


def _length(value: object) -> int:
    return len(value) if isinstance(value, str | Empty | list | tuple) else len(printed(value))


def _int(value: object, default: int = 0) -> int:
    return int(_float(value, default))


def _float(value: object, default: float = 0.0) -> float:
    try:
        number = float(printed(value)[:100])
    except ValueError:
        return default
    return number if abs(number) <= LARGEST else default


def _round(value: object, precision: object = 0) -> float:
    if not isinstance(precision, int) or not 0 <= precision <= _DECIMALS:
        raise SecurityError(f"round takes 0 to {_DECIMALS} decimals")
    return round(float(_figure(value)), precision)


def _abs(value: object) -> int | float:
    return abs(_figure(value))


def _truncate(
    value: object, length: int = 255, killwords: object = False, end: str = "…"
) -> object:
    if isinstance(value, Empty):
        return value
    text = printed(value)
    if len(text) <= length:
        return text
    cut = text[: max(0, length - len(end))]
    return (cut if killwords or " " not in cut else cut.rsplit(" ", 1)[0]) + end


def _format(value: object, *values: object) -> str:
    text = printed(value)
    if len(text) > 1000 or len(values) > 20 or "%" in _FORMAT.sub("", text):  # noqa: PLR2004 - ample
        raise SecurityError("format takes plain figures such as %.2f or %s")
    return bounded(text % tuple(v if isinstance(v, int | float) else printed(v) for v in values))


FILTERS: Mapping[str, Callable[..., object]] = {
    "abs": _abs,
    "capitalize": _textual(str.capitalize),
    "_join": join,
    "count": _length,
    "d": _default,
    "default": _default,
    "first": _textual(lambda text: text[:1]),
    "float": _float,
    "format": _format,
    "int": _int,
    "last": _textual(lambda text: text[-1:]),
    "length": _length,
    "lower": _textual(str.lower),
    "replace": _replace,
    "round": _round,
    "string": _textual(str),
    "title": _textual(str.title),
    "trim": _textual(str.strip),
    "truncate": _truncate,
    "upper": _textual(str.upper),
    "urlencode": _textual(quote),
}
"""Everything that may stand after a `|`."""
