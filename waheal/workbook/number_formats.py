"""Shows what a cell holds as its format does; it does not know the cells.

A file does not tell in which country it is opened: points are points here, months are English,
and a date in the system's own order is written 2026-12-24. A number in scientific notation is
shown with all its digits.
"""

from decimal import Decimal

from waheal.workbook.figures import by_fraction, by_placeholders, general
from waheal.workbook.format_code import Is, Piece, Section, sections
from waheal.workbook.moments import by_letters
from waheal.workbook.serials import iso, moment

# The codes that files name by number only (ECMA-376 Part 1, 18.8.30). 14 and 22 are in the
# system's order of day and month, so they are written in the one that can't be mistaken.
BUILT_IN = {
    0: "General", 1: "0", 2: "0.00", 3: "#,##0", 4: "#,##0.00",
    5: '"$"#,##0;-"$"#,##0', 6: '"$"#,##0;-"$"#,##0',
    7: '"$"#,##0.00;-"$"#,##0.00', 8: '"$"#,##0.00;-"$"#,##0.00',
    9: "0%", 10: "0.00%", 11: "0.00E+00", 12: "# ?/?", 13: "# ??/??",
    14: "yyyy-mm-dd", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 18: "h:mm AM/PM",
    19: "h:mm:ss AM/PM", 20: "h:mm", 21: "h:mm:ss", 22: "yyyy-mm-dd hh:mm",
    37: "#,##0;-#,##0", 38: "#,##0;-#,##0", 39: "#,##0.00;-#,##0.00", 40: "#,##0.00;-#,##0.00",
    41: '#,##0;-#,##0;"-"', 42: '"$"#,##0;-"$"#,##0;"$-"',
    43: '#,##0.00;-#,##0.00;"-"', 44: '"$"#,##0.00;-"$"#,##0.00;"$-"',
    45: "mm:ss", 46: "[h]:mm:ss", 47: "mm:ss.0", 48: "##0.0E+0", 49: "@",
    **dict.fromkeys((*range(27, 32), 34, 35, 36, 50, 51, 52, 53, 54, 57, 58), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 55, 56), "h:mm:ss"),
}  # fmt: skip

_TIMED = (Is.DATE, Is.MINUTE, Is.CLOCK, Is.HALF)
_AS_IT_IS = Section((Piece(Is.GENERAL, ""),))
_NUMERIC = 3  # sections; a fourth is for texts


class NumberFormat:
    """One format code, read once. `since_1904`: the workbook counts its days from then.

    `around` is what it puts before and behind the digits of a whole number above 0, where that is
    all it does to them.
    """

    def __init__(self, code: str, *, since_1904: bool = False) -> None:
        self._since_1904 = since_1904
        read = sections(code)
        worded = [section for section in read if section.has(Is.TEXT)]
        self._for_text = next(iter(worded), read[3] if len(read) > _NUMERIC else None)
        if len(read) == 1 and read[0].pieces and _is_only_words(read[0]):
            self._for_text = read[0]
        self._numeric = [section for section in read[:_NUMERIC] if section not in worded]
        self._tested = any(section.test for section in self._numeric)
        self._plain = not self._numeric or code.casefold() == "general"
        self.around = ("", "") if self._plain else _around(self._numeric[0])

    def shown(self, value: Decimal) -> str:
        """Show a number as a spreadsheet does."""
        if self._plain:
            return general(value)
        section, signed = self._section(value)
        if section.has(*_TIMED):
            return self._moment(value, section)
        return ("-" if signed and value < 0 else "") + _figures(abs(value), section)

    def exact(self, value: Decimal) -> str:
        """Give a number so that nothing of it is lost: for columns that are read, not printed.

        A moment is written in the one order that can't be mistaken. Digits stay as they are shown
        where all of them are: behind a plus, with zeros in front.
        """
        if not self._plain:
            section, _ = self._section(value)
            if section.has(*_TIMED) and not section.has(Is.CLOCK):
                then = moment(value, 0, since_1904=self._since_1904)
                return general(value) if then is None else iso(then)
        plain = general(value)
        shown = self.shown(value)
        digits = "".join(filter(str.isdecimal, shown))
        return shown.replace(",", "") if digits.lstrip("0") == plain else plain

    def text(self, text: str) -> str:
        """Show a text, to which a format may add."""
        section = self._for_text
        if section is None:
            return text
        return "".join(text if p.kind is Is.TEXT else p.text for p in section.pieces)

    def _section(self, value: Decimal) -> tuple[Section, bool]:
        """Pick the section for a number, and tell whether its sign is to be written."""
        first, *others = self._numeric
        if self._tested:
            return self._by_test(value), True
        if value < 0 and others:
            return others[0], False
        if value == 0 and len(others) > 1:
            return others[1], False
        return first, True

    def _by_test(self, value: Decimal) -> Section:
        fitting = (s for s in self._numeric if s.test is None or s.test(value))
        return next(fitting, self._numeric[-1] if len(self._numeric) > 1 else _AS_IT_IS)

    def _moment(self, value: Decimal, section: Section) -> str:
        if section.foreign:
            then = moment(value, 0, since_1904=self._since_1904)
            return general(value) if then is None else iso(then)
        negative = value < 0 and self._since_1904  # a file of the other kind shows ####
        size = abs(value) if negative else value
        written = by_letters(size, section.pieces, since_1904=self._since_1904)
        return general(value) if written is None else "-" * negative + written.strip()


def _around(section: Section) -> tuple[str, str] | None:
    digits = [i for i, piece in enumerate(section.pieces) if piece.kind is not Is.LITERAL]
    if section.test or len(digits) != 1 or section.pieces[digits[0]].kind is not Is.DIGIT:
        return None
    before = "".join(piece.text for piece in section.pieces[: digits[0]])
    behind = "".join(piece.text for piece in section.pieces[digits[0] + 1 :])
    told = any(letter.isdecimal() or letter == "," for letter in before + behind)
    return None if told else (before.lstrip(), behind.rstrip())


def _is_only_words(section: Section) -> bool:
    return all(piece.kind is Is.LITERAL for piece in section.pieces)


def _figures(value: Decimal, section: Section) -> str:
    if section.has(Is.GENERAL, Is.EXPONENT):
        return _as_it_is(value, section)
    if section.has(Is.SLASH) and section.has(Is.DIGIT):
        return by_fraction(value, section.pieces).strip()
    return by_placeholders(value, section.pieces).strip()


def _as_it_is(value: Decimal, section: Section) -> str:
    if not section.has(Is.GENERAL):
        return general(value)
    written = (general(value) if p.kind is Is.GENERAL else p.text for p in section.pieces)
    return "".join(written).strip()
