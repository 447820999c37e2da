"""How a column's name is compared, and what it says of a telephone; it knows no other column."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from enum import IntEnum
from functools import cache, lru_cache
from typing import NamedTuple

from waheal.campaign import vocabulary

_INVISIBLE = dict.fromkeys(
    [0xAD, 0x200B, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2060, 0x2070), 0xFEFF]
) | {0xA0: " ", 0x202F: " ", 0x3000: " "}
_ENDS = "\u200c\u200d \t\r\n"
_UNDECOMPOSED = str.maketrans("đłøıħ", "dloih")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WORD = re.compile(r"[^\W_]+")
_LONGEST = 80  # characters of a name that may mean a telephone; a longer one is a sentence
_MOST_WORDS = 12


class Rank(IntEnum):
    """How surely a column holds the number to write to; the least is taken."""

    WHATSAPP = 0
    MOBILE = 1
    PHONE = 2
    LANDLINE = 3
    WEAK = 4


def visible(name: str) -> str:
    """Give a name without the characters in it that nobody sees."""
    if not name.isascii():
        name = name.translate(_INVISIBLE)
    return name.strip(_ENDS)


def key(name: str) -> str:
    """Give what two names have in common that differ in case and blanks."""
    return " ".join(visible(name).casefold().split())


def fold(text: str) -> str:
    """Give a text without case and accents."""
    return _bare(visible(text).casefold()).translate(_UNDECOMPOSED)


@lru_cache(1 << 12)
def rank(name: str) -> Rank | None:
    """Tell what a column of this name would be for; None where it is for no number."""
    if len(name) > _LONGEST:
        return None
    found = _rank(_words(name))
    return _rank(_words(_HUMP.sub(" ", name))) if found is None else found


def _rank(words: Sequence[str]) -> Rank | None:
    if not words or len(words) > _MOST_WORDS:
        return None
    whole = _vocabulary().whole.get(" ".join(words))
    if whole is not None:
        return whole
    found = _by_words(words)
    return _unspaced("".join(words)) if found is None else found


def weakness(name: str) -> int:
    """Order the weak names: the least is taken first."""
    whole = " ".join(_words(name))
    return _vocabulary().weak.get(whole, len(vocabulary.WEAK))


def may_be_numbers(name: str) -> bool:
    """Whether a name says of its cells that they are numbers, but not of what."""
    return "".join(_words(name)) in _vocabulary().perhaps


def says_telephone(text: str) -> bool:
    """Whether all words of a text may stand beside a number, such as `Tel.` or `mobile, home`."""
    labels = _vocabulary().labels | _vocabulary().alongside
    words = _words(text)
    return bool(words) and all(word in labels or _unspaced(word) is not None for word in words)


class _Vocabulary(NamedTuple):
    """The vocabulary, folded."""

    whole: Mapping[str, Rank]
    weak: Mapping[str, int]
    perhaps: frozenset[str]
    core: Mapping[str, Rank]
    landline: frozenset[str]
    labels: frozenset[str]
    alongside: frozenset[str]
    code: frozenset[str]
    country: frozenset[str]
    along: frozenset[str]
    unspaced: tuple[re.Pattern[str], ...]
    unspaced_core: Mapping[str, Rank]


@cache
def _vocabulary() -> _Vocabulary:
    core = {
        fold(word): rank
        for rank, words in (
            (Rank.PHONE, vocabulary.PHONE),
            (Rank.MOBILE, vocabulary.MOBILE),
            (Rank.WHATSAPP, vocabulary.WHATSAPP),
        )
        for word in words.split()
    }
    return _Vocabulary(
        {fold(name): Rank.WEAK for name in vocabulary.WEAK}
        | {fold(name): Rank.MOBILE for name in vocabulary.WHOLE_MOBILE}
        | {fold(name): Rank.WHATSAPP for name in vocabulary.WHOLE_WHATSAPP},
        {fold(name): place for place, name in enumerate(vocabulary.WEAK)},
        frozenset(map(fold, vocabulary.PERHAPS.split())),
        core,
        frozenset(map(fold, vocabulary.LANDLINE.split())),
        frozenset(core) | frozenset(map(fold, vocabulary.BESIDE.split())),
        frozenset(map(fold, vocabulary.ALONGSIDE.split())),
        frozenset(vocabulary.CODE.split()),
        frozenset(vocabulary.COUNTRY.split()),
        frozenset(vocabulary.WITH.split()),
        tuple(re.compile(_bare(pattern)) for pattern in vocabulary.UNSPACED),
        {_bare(word): Rank.MOBILE for word in vocabulary.UNSPACED_MOBILE.split()}
        | dict.fromkeys(("whatsapp", "wa"), Rank.WHATSAPP),
    )


def _by_words(words: Sequence[str]) -> Rank | None:
    known = _vocabulary()
    ranks = list[Rank]()
    for word in words:
        bare = word if word in known.core else word.rstrip("0123456789")
        if (rank := known.core.get(bare)) is not None:
            ranks.append(rank)
        elif bare and bare not in known.labels and bare not in known.landline:
            return None
    part = known.code if known.code.intersection(words) else known.country
    if not ranks or (part.intersection(words) and not known.along.intersection(words)):
        return None
    best = min(ranks)
    return Rank.LANDLINE if best is Rank.PHONE and known.landline.intersection(words) else best


def _unspaced(name: str) -> Rank | None:
    for pattern in _vocabulary().unspaced:
        if found := pattern.fullmatch(name):
            return _vocabulary().unspaced_core.get(found["core"] or "", Rank.PHONE)
    return None


def _words(name: str) -> list[str]:
    return _WORD.findall(fold(name))


def _bare(text: str) -> str:
    if text.isascii():
        return text
    decomposed = unicodedata.normalize("NFKD", text)
    kept = (each for each in decomposed if not unicodedata.category(each).startswith("M"))
    return unicodedata.normalize("NFC", "".join(kept))
