"""Reads a phone cell by the numbering plans; it does not know the other cells.

phonenumbers decides what is a number. Since it takes some 30 µs for each, numbers whose shape
leaves it no choice (no prefix to strip, a pattern of its own metadata matches) are settled by
those patterns directly; a property test shows that both ways agree.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import phonenumbers
from phonenumbers import PhoneMetadata, PhoneNumberDesc, ValidationResult
from phonenumbers.phonenumberutil import COUNTRY_CODE_TO_REGION_CODE

from waheal.campaign.phone_cells import WRITE_IT, Unreadable, digits_of
from waheal.campaign.renumbered import renumbered
from waheal.identity import spellings
from waheal.model import Phone

_FRONT = 4  # a `+` and the three digits that a calling code has at most


class Number(NamedTuple):
    """A number that was read. `valid` is False where it is possible but not known as valid.

    `note`: what was made of it that the operator should see.
    """

    phone: Phone
    valid: bool
    note: str | None = None


_E164 = re.compile(r"\+[1-9][0-9]{6,14}")


class NumberReader:
    """Reads phone cells under one default region (two letters), if any.

    With `international` every number has its country code, with or without a `+`.
    """

    def __init__(self, region: str | None = None, *, international: bool = False) -> None:
        self._international_all = international
        self._region = region.upper() if region else None
        self._plans: dict[str, _Plan | None] = {}
        self._fronts: dict[str, tuple[str, _Plan | None]] = {}
        self._ordinary: dict[str, re.Pattern[str]] = {}  # by what a number begins with
        self._codes = frozenset(map(str, COUNTRY_CODE_TO_REGION_CODE))
        self._home = _Home.of(self._region) if self._region else None

    def read(self, cell: str) -> Number | Unreadable:
        """Turn a cell into E.164, or tell why not. Never raises, whatever the cell holds."""
        ordinary = self._ordinary.get(cell[:_FRONT])
        if ordinary is not None and ordinary.fullmatch(cell):
            return Number(Phone(cell), valid=True)
        if _E164.fullmatch(cell):
            return self._international(cell)
        cleaned = digits_of(cell)
        if isinstance(cleaned, Unreadable):
            return cleaned
        if cleaned.startswith("+"):
            return self._international(cleaned)
        return self._national(cleaned)

    def _international(self, number: str) -> Number | Unreadable:
        """Read a `+` and digits."""
        front = number[1:_FRONT]
        code, plan = self._fronts.get(front) or self._front(front)
        valid = plan.settles(number[1 + len(code) :]) if plan else None
        return _parse(number, None) if valid is None else Number(Phone(number), valid)

    def _front(self, front: str) -> "tuple[str, _Plan | None]":
        """Find the calling code that a number begins with, and remember it: a file has few."""
        code = next((front[:n] for n in range(1, _FRONT) if front[:n] in self._codes), "")
        plan = self._plan(code) if code else None
        self._fronts[front] = code, plan
        if plan is not None:
            self._ordinary[f"+{front}"] = plan.ordinary
        return code, plan

    def _national(self, digits: str) -> Number | Unreadable:
        """Read digits that bring no `+`."""
        if self._international_all:
            return _NATIONAL if digits.startswith("0") else self._international(f"+{digits}")
        if self._region is None or self._home is None:
            return Unreadable("the number has no country code", _NO_CODE_HINT)
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


_NO_CODE_HINT = (
    f"{WRITE_IT}; or give --region where all are of one country, --international where each begins"
    " with its country code"
)
_NATIONAL = Unreadable(
    "the number begins with 0, not with a country code, as --international says it does", WRITE_IT
)
_NO_AREA_CODE = Unreadable("the number has no area code", WRITE_IT)
_TOO_SHORT = Unreadable("the number is too short", WRITE_IT)
_TOO_LONG = Unreadable("the number is too long", WRITE_IT)
_NO_COUNTRY = Unreadable("no country has this code", WRITE_IT)
_ODD_LENGTH = Unreadable("no number of that country has this length", WRITE_IT)
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
        other = _once(parsed)
        return _IMPOSSIBLE.get(reason, _ODD_LENGTH) if other is None else other
    e164 = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
    return Number(Phone(e164), phonenumbers.is_valid_number(parsed))


def _once(parsed: phonenumbers.PhoneNumber) -> Number | None:
    """Read a number that no plan has any more: one of an old plan, or Mexico's with its 1."""
    number = f"+{parsed.country_code}{phonenumbers.national_significant_number(parsed)}"
    if new := renumbered(number):
        read = _parse(new.phone, None)
        note = f"{new.country}'s numbers were changed in {new.since}: it is {new.phone} now"
        return read._replace(note=note if new.since else None) if isinstance(read, Number) else None
    # WhatsApp's own numbers still carry Mexico's 1.
    shorter = (each for each in spellings(Phone(number)) if len(each) < len(number))
    readings = (_parse(each, None) for each in shorter)
    return next((read for read in readings if isinstance(read, Number)), None)


@dataclass(frozen=True, slots=True)
class _Plan:
    """A calling code's patterns: what is valid, as phonenumbers would find it.

    `ordinary` matches a `+` and digits that are surely valid: of the region that is asked first.
    """

    ordinary: re.Pattern[str]
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
        lengths = frozenset(general.possible_length) - frozenset(general.possible_length_local_only)
        return cls(
            _ordinary(code, main, lengths),
            lengths,
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


def _ordinary(code: int, main: PhoneMetadata, lengths: Iterable[int]) -> re.Pattern[str]:
    """Put into one pattern what `settles` asks one by one before it says yes."""
    trunk = f"(?!{main.national_prefix_for_parsing})" if main.national_prefix_for_parsing else ""
    leading = f"(?={main.leading_digits})" if main.leading_digits else ""
    long = "|".join(f".{{{length}}}" for length in lengths) or "(?!)"
    types = _types(main).pattern
    return re.compile(rf"\+{code}(?!0)(?=(?:{long})$){trunk}{leading}(?:{types})", re.ASCII)


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
