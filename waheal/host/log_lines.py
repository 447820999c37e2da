"""What goes into a host's log: the library's warnings and the process's last words; pure.

Neither whole numbers nor what was being sent: whatsmeow logs no message bodies at this level, and
an exception's own text, which may quote one, is left out.
"""

import re
import traceback
from collections.abc import Iterator

# Upper-case letters beside the digits make it a message's id, which is hexadecimal.
_LONG_NUMBER = re.compile(r"(?<![0-9A-F])\d{5,}(?=\d{2}(?![0-9A-F]))")


def masked(text: str) -> str:
    """Leave the last two digits of each phone number and LID."""
    return _LONG_NUMBER.sub("…", text)


def warning(stamp: str, level: str, name: str, message: str) -> bytes:
    """Write one of the library's warnings as one line, whatever is in it."""
    words = " ".join(f"{level} {name}: {message}".splitlines())
    return f"{stamp} {masked(words)}\n".encode(errors="replace")


def last_words(error: BaseException) -> str:
    """Tell where the process failed and by what kind of error, the first cause first."""
    return masked("".join(_told(error)))


def _told(error: BaseException) -> Iterator[str]:
    before = error.__cause__ or error.__context__
    if before is not None:
        yield from _told(before)
    yield from traceback.format_tb(error.__traceback__)
    # These name a file or a module, which is what an operator can do something about.
    words = f": {error}" if isinstance(error, ImportError | OSError) else ""
    yield f"{type(error).__name__}{words}\n"
