"""In which old encoding a text without a mark was written, by how likely it then reads.

Every encoding makes some text of the same bytes. The right one makes words: letters of one
language, small ones behind large ones, few accents in a row. Each candidate gets points for each
byte above ASCII, so that encodings of one byte and of two a character compare.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from waheal.campaign.alphabets import ALPHABETS, BETWEEN_LETTERS, CJK, SIGNS, Alphabet

LINES = 300
"""Lines that are looked at, of those with bytes above ASCII; more of them tell no more."""

_LONGEST = 400  # bytes of a line
_RUN = re.compile(r"[A-Za-z\x80-\U0010ffff]+")
_ASCII_LETTER = re.compile(r"[A-Za-z]")
_WORDS = frozenset("àáâéèêíìóòôöåæøúý")  # of one letter, in some language

_OFTEN, _SELDOM, _STRANGE = 1.0, 0.6, -0.6
_RAREST = 0.2
_UNLIKELIER = 0.3  # each next encoding of a language; what a few letters can outweigh
_SIGN, _SYMBOL, _LOST = 0.3, -1.2, -4.0
_WRONG_CASE, _IN_A_ROW, _WRONG_WORD = -1.2, -0.5, -1.5
_NO_CAPITALS = -2.0  # in a whole list
_FREQUENT, _COMMON, _UNCOMMON, _NO_HAN = 1.3, 0.5, -0.5, -1.0
_KANA = 1.2


class _Seen(NamedTuple):
    """A character above ASCII, and how it stands there."""

    character: str
    wrong_case: bool  # a capital behind a small letter, or before one and behind another capital
    in_a_row: bool  # behind another one above ASCII
    among_ascii: bool  # its word has letters of ASCII
    alone: bool  # its word is no longer
    between: bool  # letters stand on both sides


def guess(lines: Sequence[bytes]) -> str:
    """Name the codec under which the lines read best; Windows-1252 where none reads well."""
    points = _points([line[:_LONGEST] for line in lines[:LINES]])
    return max(points, key=lambda codec: points[codec])


def _points(lines: Sequence[bytes]) -> dict[str, float]:
    points = {"cp1252": float("-inf")}
    read = {
        codec: Counter(_seen(lines, codec)) for alphabet in ALPHABETS for codec in alphabet.codecs
    }
    for alphabet in ALPHABETS:
        weights = _weights(alphabet)
        for place, codec in enumerate(alphabet.codecs):
            found = sum(_worth(each, alphabet, weights) * n for each, n in read[codec].items())
            found -= place * _UNLIKELIER
            if alphabet.cased and not any(each.character.isupper() for each in read[codec]):
                found += _NO_CAPITALS
            points[codec] = max(points.get(codec, found), found)
    for frequent, codec in CJK:
        known = frozenset(frequent)
        seen = Counter(_seen(lines, codec))
        points[codec] = sum(2 * _worth_of_two(each, codec, known) * n for each, n in seen.items())
    return points


def _seen(lines: Sequence[bytes], codec: str) -> Iterator[_Seen]:
    for line in lines:
        text = line.decode(codec, "replace")
        for run in _RUN.finditer(text):
            word = run[0]
            if not word.isascii():
                yield from _in_word(word)


def _in_word(word: str) -> Iterator[_Seen]:
    """Look at what letters and signs stand together between blanks and ASCII's signs."""
    among_ascii = _ASCII_LETTER.search(word) is not None
    before = ""
    for place, character in enumerate(word):
        if not character.isascii():
            after = word[place + 1 : place + 2]
            yield _Seen(
                character,
                character.isupper()
                and (before.islower() or (before.isupper() and after.islower())),
                bool(before) and not before.isascii(),
                among_ascii,
                len(word) == 1,
                before.isalpha() and after.isalpha(),
            )
        before = character


def _weights(alphabet: Alphabet) -> Mapping[str, float]:
    """Weigh the letters of a language; one that has letters of its own is weighed finer."""
    if alphabet.mixed:
        return dict.fromkeys(alphabet.seldom, _SELDOM) | dict.fromkeys(alphabet.often, _OFTEN)
    letters = alphabet.often + alphabet.seldom
    step = (_OFTEN - _RAREST) / len(letters)
    return {letter: _OFTEN - step * place for place, letter in enumerate(letters)}


def _worth(seen: _Seen, alphabet: Alphabet, weights: Mapping[str, float]) -> float:
    character = seen.character
    small = character.lower() if len(character.lower()) == 1 else character
    weight = weights.get(small, weights.get(character))
    if weight is None:
        return _worth_outside(seen)
    worth = weight + _WRONG_CASE * seen.wrong_case
    if alphabet.mixed:
        lonely = not seen.among_ascii and not (seen.alone and small in _WORDS)
        return worth + _IN_A_ROW * seen.in_a_row + _WRONG_WORD * lonely
    return worth + _WRONG_WORD * seen.among_ascii


def _worth_outside(seen: _Seen) -> float:
    """Judge what is no letter of the language."""
    character = seen.character
    if character in SIGNS:
        return _SYMBOL if seen.between and character not in BETWEEN_LETTERS else _SIGN
    if character.isalpha():
        return _STRANGE + _WRONG_CASE * seen.wrong_case
    lost = character == "\ufffd" or unicodedata.category(character) in {"Cc", "Co", "Cn"}
    return _LOST if lost else _SYMBOL


def _worth_of_two(seen: _Seen, codec: str, frequent: frozenset[str]) -> float:
    """Judge a character of two bytes."""
    character = seen.character
    if character in frequent:
        return _FREQUENT
    if character in SIGNS:
        return 0.0
    if character == "\ufffd":
        return _LOST
    if "\u3041" <= character <= "\u30fe":
        return _KANA if codec in {"cp932", "euc_jp"} else _UNCOMMON
    if not ("\u4e00" <= character <= "\u9fff" or "\uac00" <= character <= "\ud7a3"):
        return _NO_HAN
    return _COMMON if _first_byte(character, codec) in _FIRST_BYTES[codec] else _UNCOMMON


def _first_byte(character: str, codec: str) -> int:
    return character.encode(codec, "replace")[0]


_FIRST_BYTES: Mapping[str, range] = {
    "gb18030": range(0xB0, 0xD8),  # GB 2312's first level
    "cp950": range(0xA4, 0xC7),  # Big5's
    "cp932": range(0x88, 0x98),  # JIS X 0208's
    "euc_jp": range(0xB0, 0xD0),
    "cp949": range(0xB0, 0xC9),  # KS X 1001's syllables
}
"""Where the common characters of an encoding begin."""
