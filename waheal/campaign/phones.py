"""Reads a phone cell as people and Excel write it; it does not know the other cells.

phonenumbers decides what is a number. Since it takes some 30 µs for each, numbers whose shape
leaves it no choice (no prefix to strip, a pattern of its own metadata matches) are settled by
those patterns directly; a property test shows that both ways agree.
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc, ValidationResult
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from waheal.identity import spellings
from waheal.model import Phone


class Number(NamedTuple):
    """A number that was read. `valid` is False where it is possible but not known as valid."""

    phone: Phone
    valid: bool


class Unreadable(NamedTuple):
    """Why a cell holds no number, and what to do."""

    problem: str
    hint: str


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")
_SHAPE = re.compile(r"\(?\+?[0-9][0-9 ()./\-]*")
_ORDINARY = re.compile(r"\(?\+?[0-9][0-9 ()\-]{0,30}")
_DIGITS = str.maketrans("", "", "+ ()-")
_WRAPPED = re.compile(r'=?"([^"]*)"')
_PREFIX = re.compile(
    r"tel:|whatsapp:(?://send\?phone=)?|(?:https?://)?(?:wa\.me/|api\.whatsapp\.com/send\?phone=)",
    re.IGNORECASE,
)
_SCIENTIFIC = re.compile(r"(\+?)([0-9])(?:[.,]([0-9]+))?[eE]\+?([0-9]{1,3})")
_POINT_ZERO = re.compile(r"(\+?[0-9]{6,})[.,]0+")
_BETWEEN = re.compile(r"[;,|&\n/]|\b(?:or|and|und|oder|et|ou|y|o)\b", re.IGNORECASE)
_EXTENSION = re.compile(r"(?:ext\.?|x|#|;ext=)\s*[0-9]+\s*$", re.IGNORECASE)
_APOSTROPHES = "'\u2018\u2019\u02bc`\u00b4"
_ENOUGH_DIGITS = 6
_LONGEST_CELL = 200
_WRITE_IT = "write it with + and its country code, such as +12025550100"


class NumberReader:
    """Reads phone cells under one default region (two letters), if any."""

    def __init__(self, region: str | None = None) -> None:
        self._region = region.upper() if region else None
        self._plans: dict[str, _Plan | None] = {}
        self._codes = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
        self._home = _Home.of(self._region) if self._region else None

    def read(self, cell: str) -> Number | Unreadable:
        """Turn a cell into E.164, or tell why not. Never raises, whatever the cell holds."""
        if _E164.fullmatch(cell):
            return self._international(cell)
        cleaned = _clean(cell)
        if isinstance(cleaned, Unreadable):
            return cleaned
        if cleaned.startswith("+"):
            return self._international(cleaned)
        return self._national(cleaned)

    def _international(self, number: str) -> Number | Unreadable:
        """Read a `+` and digits."""
        for end in (2, 3, 4):
            code = number[1:end]
            if code in self._codes:
                plan = self._plan(code)
                valid = plan.settles(number[end:]) if plan else None
                if valid is not None:
                    return Number(Phone(number), valid)
                break
        return _parse(number, None)

    def _national(self, digits: str) -> Number | Unreadable:
        """Read digits that bring no `+`."""
        if self._region is None or self._home is None:
            return Unreadable(
                "the number has no country code", f"{_WRITE_IT}, or give --region for all of them"
            )
        national = self._home.national(digits)
        if national is not None:
            plan = self._plan(self._home.code)
            valid = plan.settles(national) if plan else None
            if valid is not None:
                return Number(Phone(f"+{self._home.code}{national}"), valid)
        return _parse(digits, self._region)

    def _plan(self, code: str) -> "_Plan | None":
        if code not in self._plans:
            self._plans[code] = _Plan.of(int(code))
        return self._plans[code]


def is_region(region: str) -> bool:
    """Whether phonenumbers knows the region (two letters)."""
    return region.upper() in phonenumbers.SUPPORTED_REGIONS


def _clean(cell: str) -> str | Unreadable:
    """Reduce a cell to digits, with a `+` in front where it is international."""
    if _ORDINARY.fullmatch(cell):  # most cells need no more than this
        return _international_or_not(cell.translate(_DIGITS), "+" in cell)
    text, abroad = _unwrap(cell) if len(cell) <= _LONGEST_CELL else ("?", False)
    written = _from_excel(text)
    if not text:
        return Unreadable("there is no number", "fill in the cell, or remove the row")
    if written is None:
        return Unreadable(
            "Excel rounded the number, so its last digits are lost",
            "format the column as text in Excel and enter the number again",
        )
    if _several(written):
        return Unreadable("there are two numbers in one cell", "give each number a row of its own")
    if not _SHAPE.fullmatch(written):
        return _shapeless(written)
    return _international_or_not(re.sub(r"[^0-9]", "", written), abroad or "+" in written)


def _international_or_not(digits: str, abroad: bool) -> str:
    if digits.startswith("00"):
        return "+" + digits[2:]
    return "+" + digits if abroad else digits


def _unwrap(cell: str) -> tuple[str, bool]:
    """Take off what stands round a number; a WhatsApp link has its country code, if no `+`."""
    text = _plain(cell).strip().lstrip(_APOSTROPHES).strip()
    if wrapped := _WRAPPED.fullmatch(text):
        text = wrapped[1].strip().lstrip(_APOSTROPHES)
    text = text.removeprefix("=")  # Excel takes a number that begins with + for a formula
    link = _PREFIX.match(text)
    if link is None:
        return text, False
    return text[link.end() :].strip(), "wa" in link[0].lower() or "whatsapp" in link[0].lower()


def _plain(cell: str) -> str:
    """Map what looks like a digit, a blank, a dash or a plus to it; drop what is invisible."""
    return cell if cell.isascii() else "".join(map(_plain_character, cell))


def _plain_character(character: str) -> str:
    match unicodedata.category(character):
        case "Nd":
            return str(unicodedata.decimal(character))
        case "Zs":
            return " "
        case "Cf" | "Mn":
            return ""
        case "Pd":
            return "-"
        case "Sm" | "Ps" | "Pe" | "Po":
            return "-" if character == "\u2212" else unicodedata.normalize("NFKC", character)
        case _:
            return character


def _from_excel(text: str) -> str | None:
    """Undo what Excel made of a number; None where it can't be undone."""
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
    parts = (sum(map(str.isdigit, part)) for part in _BETWEEN.split(text))
    return sum(digits >= _ENOUGH_DIGITS for digits in parts) > 1


def _shapeless(text: str) -> Unreadable:
    if _EXTENSION.search(text):
        return Unreadable(
            "the number has an extension", "WhatsApp has none: give the number itself"
        )
    return Unreadable("this is not a phone number", _WRITE_IT)


_NO_AREA_CODE = Unreadable("the number has no area code", _WRITE_IT)
_TOO_SHORT = Unreadable("the number is too short", _WRITE_IT)
_TOO_LONG = Unreadable("the number is too long", _WRITE_IT)
_NO_COUNTRY = Unreadable("no country has this code", _WRITE_IT)
_ODD_LENGTH = Unreadable("no number of that country has this length", _WRITE_IT)
_UNPARSED: Mapping[int, Unreadable] = {
    phonenumbers.NumberParseException.INVALID_COUNTRY_CODE: _NO_COUNTRY,
    phonenumbers.NumberParseException.TOO_LONG: _TOO_LONG,
}
_IMPOSSIBLE: Mapping[int, Unreadable] = {
    ValidationResult.IS_POSSIBLE_LOCAL_ONLY: _NO_AREA_CODE,
    ValidationResult.TOO_SHORT: _TOO_SHORT,
    ValidationResult.TOO_LONG: _TOO_LONG,
    ValidationResult.INVALID_COUNTRY_CODE: _NO_COUNTRY,
}


def _parse(number: str, region: str | None) -> Number | Unreadable:
    """Let phonenumbers decide."""
    try:
        parsed = phonenumbers.parse(number, region)
    except phonenumbers.NumberParseException as error:
        return _UNPARSED.get(error.error_type, _TOO_SHORT)
    reason = phonenumbers.is_possible_number_with_reason(parsed)
    if reason != ValidationResult.IS_POSSIBLE:
        # phonenumbers no longer knows Mexico's 1, which WhatsApp numbers still carry.
        others = [
            _parse(other, None) for other in spellings(Phone(number)) if len(other) < len(number)
        ]
        read = (other for other in others if isinstance(other, Number))
        return next(read, _IMPOSSIBLE.get(reason, _ODD_LENGTH))
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Number(Phone(e164), phonenumbers.is_valid_number(parsed))


@dataclass(frozen=True, slots=True)
class _Plan:
    """A calling code's patterns: what is valid, as phonenumbers would find it."""

    lengths: frozenset[int]
    prefix: re.Pattern[str] | None
    regions: tuple[tuple[re.Pattern[str] | None, re.Pattern[str]], ...]

    @classmethod
    def of(cls, code: int) -> "_Plan | None":
        """Compile a calling code's plan, None for codes that belong to no region."""
        names = COUNTRY_CODE_TO_REGION_CODE[code]
        known = [PhoneMetadata.metadata_for_region(name) for name in names]
        metadata = [one for one in known if one is not None]
        if not metadata or names[0] == "001" or metadata[0].general_desc is None:
            return None
        main, general = metadata[0], metadata[0].general_desc
        return cls(
            frozenset(general.possible_length) - frozenset(general.possible_length_local_only),
            _compiled(main.national_prefix_for_parsing),
            tuple((_compiled(one.leading_digits), _types(one)) for one in metadata),
        )

    def settles(self, national: str) -> bool | None:
        """Whether the number, possible as it stands, is valid; None where that takes parsing."""
        if len(national) not in self.lengths or national.startswith("0"):
            return None
        if self.prefix is not None and self.prefix.match(national):
            return None
        for leading, types in self.regions:
            if leading is None:
                if types.fullmatch(national):
                    return True
            elif leading.match(national):
                return types.fullmatch(national) is not None
        return False


def _compiled(pattern: str | None) -> re.Pattern[str] | None:
    return re.compile(pattern) if pattern else None


def _types(metadata: PhoneMetadata) -> re.Pattern[str]:
    """One pattern of all the kinds of number that a region has."""
    kinds = (
        metadata.mobile,
        metadata.fixed_line,
        metadata.toll_free,
        metadata.premium_rate,
        metadata.shared_cost,
        metadata.voip,
        metadata.personal_number,
        metadata.pager,
        metadata.uan,
        metadata.voicemail,
    )
    general = _matching(metadata.general_desc)
    any_kind = "|".join(filter(None, map(_matching, kinds)))
    return re.compile(f"(?=(?:{general})$)(?:{any_kind})")


def _matching(kind: PhoneNumberDesc | None) -> str:
    if kind is None or not kind.national_number_pattern:
        return ""
    lengths = "|".join(f".{{{length}}}" for length in kind.possible_length)
    return f"(?=(?:{lengths})$)(?:{kind.national_number_pattern})" if lengths else ""


@dataclass(frozen=True, slots=True)
class _Home:
    """The default region: how a number without `+` gets its country code."""

    code: str
    prefix: re.Pattern[str] | None
    abroad: re.Pattern[str] | None
    general: re.Pattern[str]

    @classmethod
    def of(cls, region: str) -> "_Home | None":
        metadata = PhoneMetadata.metadata_for_region(region)
        if metadata is None or metadata.general_desc is None:
            return None
        return cls(
            str(metadata.country_code),
            _compiled(metadata.national_prefix_for_parsing),
            _compiled(metadata.international_prefix),
            re.compile(metadata.general_desc.national_number_pattern or "(?!)"),
        )

    def national(self, digits: str) -> str | None:
        """Give the national number where nothing but the region's own code may be stripped."""
        if self.abroad is not None and self.abroad.match(digits):
            return None
        if self.general.fullmatch(digits):
            rest = digits if not digits.startswith(self.code) else None
        else:
            rest = digits.removeprefix(self.code)
            if rest == digits or not self.general.fullmatch(rest):
                return None
        if rest is None or (self.prefix is not None and self.prefix.match(rest)):
            return None
        return rest
