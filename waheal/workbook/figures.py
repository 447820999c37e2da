"""Writes a number by the placeholders of a format code; it does not know days."""

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Context, Decimal
from fractions import Fraction
from itertools import takewhile

from waheal.workbook.format_code import Is, Piece

_WIDE = Context(prec=1_200, rounding=ROUND_HALF_UP)  # 309 digits, and what 255 signs make of them
_KEPT = Context(prec=15, rounding=ROUND_HALF_UP)  # what a spreadsheet keeps of a number
_GENERAL = 11  # characters of a number that no code is given for
_SMALLEST = Decimal("1e-9")
_EMPTY = {"0": "0", "#": "", "?": " "}  # what a placeholder shows that no digit is left for
_DENOMINATORS = 4  # digits


def general(value: Decimal) -> str:
    """Write a number as it is shown where nothing is said, but a whole one with all its digits."""
    if value == value.to_integral_value():
        return f"{value.quantize(Decimal(1), context=_WIDE):f}" if value else "0"
    sign = "-" if value < 0 else ""
    whole = len(str(int(abs(value))))
    places = max(0, _GENERAL - 1 - whole)
    if abs(value) < _SMALLEST:
        return f"{_KEPT.plus(value).normalize():f}"
    rounded = _rounded(abs(value), places)
    text = f"{rounded:f}"
    return sign + (text.rstrip("0").rstrip(".") if "." in text else text)


def by_placeholders(value: Decimal, pieces: Sequence[Piece]) -> str:
    """Write a number that is not negative into a section's placeholders."""
    digits = [place for place, piece in enumerate(pieces) if piece.kind is Is.DIGIT]
    point = next((i for i, piece in enumerate(pieces) if piece.kind is Is.POINT), len(pieces))
    before = [place for place in digits if place < point]
    after = [place for place in digits if place > point]
    grouped, thousands = _commas(pieces, before, after)
    percents = sum(piece.kind is Is.PERCENT for piece in pieces)
    scaled = _WIDE.scaleb(value, 2 * percents - 3 * thousands)
    whole, _, rest = f"{_rounded(scaled, len(after)):f}".partition(".")
    written = _whole(whole.lstrip("0"), [pieces[place].text for place in before], grouped=grouped)
    written += _places(rest, [pieces[place].text for place in after])
    by_place = dict(zip([*before, *after], written, strict=True))
    if after and not before:
        by_place[point] = whole.lstrip("0") + "."
    return "".join(
        by_place.get(i, "" if piece.kind is Is.COMMA and digits else piece.text)
        for i, piece in enumerate(pieces)
    )


def by_fraction(value: Decimal, pieces: Sequence[Piece]) -> str:
    """Write a number that is not negative as `1 1/2`: the nearest fraction that finds room."""
    slash = next(i for i, piece in enumerate(pieces) if piece.kind is Is.SLASH)
    first, last = _ends(pieces)
    top, bottom = _nearest(Fraction(_KEPT.plus(value)), pieces[slash + 1 :])
    before = pieces[first:slash]
    mixed = any(piece.text == " " for piece in before) and before[0].kind is Is.DIGIT
    whole, top = divmod(top, bottom) if mixed else (0, top)
    parts = [str(whole)] * bool(whole or (mixed and not top)) + [f"{top}/{bottom}"] * (
        not mixed or bool(top)
    )
    around = ("".join(piece.text for piece in each) for each in (pieces[:first], pieces[last:]))
    return " ".join(parts).join(around)


def _ends(pieces: Sequence[Piece]) -> tuple[int, int]:
    """Tell where the digits begin, and where what follows them does."""
    digits = [
        i
        for i, piece in enumerate(pieces)
        if piece.kind is Is.DIGIT or (piece.kind is Is.LITERAL and piece.text.isdecimal())
    ]
    return digits[0], digits[-1] + 1


def _nearest(exact: Fraction, places: Sequence[Piece]) -> tuple[int, int]:
    """Give a fraction whose denominator is written there, or has so many digits at most."""
    fixed = "".join(piece.text for piece in places if piece.text.isdecimal())
    if fixed.isascii() and fixed.strip("0") and len(fixed) <= _DENOMINATORS:
        return round(exact * int(fixed)), int(fixed)
    digits = sum(piece.kind is Is.DIGIT for piece in places)
    found = exact.limit_denominator(10 ** min(max(digits, 1), _DENOMINATORS) - 1)
    return found.numerator, found.denominator


def _rounded(value: Decimal, places: int) -> Decimal:
    return value.quantize(Decimal(1).scaleb(-places), context=_WIDE)


def _commas(
    pieces: Sequence[Piece], before: Sequence[int], after: Sequence[int]
) -> tuple[bool, int]:
    """Tell whether thousands are set apart, and by how many thousands the number is divided."""
    if not before:
        return False, _trailing(pieces, after[-1] if after else None)
    between = pieces[before[0] : before[-1]]
    grouped = any(piece.kind is Is.COMMA for piece in between)
    return grouped, _trailing(pieces, before[-1]) + _trailing(pieces, after[-1] if after else None)


def _trailing(pieces: Sequence[Piece], digit: int | None) -> int:
    """Count the commas right behind a placeholder."""
    if digit is None:
        return 0
    behind = takewhile(lambda piece: piece.kind is Is.COMMA, pieces[digit + 1 :])
    return sum(1 for _ in behind)


def _whole(digits: str, places: Sequence[str], *, grouped: bool) -> list[str]:
    """Share the digits before the point out among the placeholders; the first takes the rest."""
    if not places:
        return []
    shares = list(digits[-len(places) :]) if digits else []
    shares = [""] * (len(places) - len(shares)) + shares
    if len(digits) > len(places):
        shares[0] = digits[: len(digits) - len(places) + 1]
    shown = [share or _EMPTY[place] for share, place in zip(shares, places, strict=True)]
    return _grouped(shown) if grouped else shown


def _grouped(shares: list[str]) -> list[str]:
    right = sum(map(len, shares))
    grouped = []
    for share in shares:
        text = ""
        for digit in share:
            right -= 1
            text += digit + ("," if digit != " " and right and right % 3 == 0 else "")
        grouped.append(text)
    return grouped


def _places(digits: str, places: Sequence[str]) -> list[str]:
    shown = list(digits[: len(places)])
    for i in reversed(range(len(shown))):
        if places[i] == "0" or shown[i] != "0":
            break
        shown[i] = _EMPTY[places[i]]
    return shown
