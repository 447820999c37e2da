"""Plain forms of what people write: without case, accents and punctuation; knows no word."""

import re
import unicodedata

# Scripts that put no blanks between words, or attach particles to them: each character is a word.
_UNSPACED = re.compile(
    "([\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af])"
)
_DRAWN_OUT = re.compile(r"(\w)\1{2,}")
_DOUBLED = re.compile(r"(\w)\1+")


def forms(text: str) -> tuple[str, str]:
    """Write a text in two plain forms: punctuation as nothing, and as blanks."""
    folded = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    folded = folded.replace("\u0131", "i")  # Turkish, typed with or without its dotless i
    kept = [(char, unicodedata.category(char)) for char in folded]
    # Accents and format characters (direction marks) go; Mc stays, it makes Indic vowels.
    kept = [(char, kind) for char, kind in kept if kind not in {"Mn", "Me", "Cf"}]
    joined = (char for char, kind in kept if kind[0] not in "PS")
    spaced = (" " if kind[0] in "PS" else char for char, kind in kept)
    return _blanks("".join(joined)), _blanks("".join(spaced))


def parts(form: str) -> tuple[str, ...]:
    """Give the words of a plain form; where a script has no blanks, its characters."""
    composed = unicodedata.normalize("NFC", form)  # a Korean syllable is one character again
    return tuple(_UNSPACED.sub(r" \1 ", composed).split())


def drawn_out(form: str) -> bool:
    """Whether a letter is drawn out, as in `stoppp`."""
    return _DRAWN_OUT.search(form) is not None


def squeezed(form: str) -> str:
    """Give each run of one letter as one of it, so that `stoppp` is `stop`."""
    return _DOUBLED.sub(r"\1", form)


def _blanks(text: str) -> str:
    return " ".join(text.split())
