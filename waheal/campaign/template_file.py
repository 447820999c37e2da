"""Reads a template's text from a file as editors save it; it does not know what it says."""

from pathlib import Path

from waheal.campaign.encoding import encoding_of
from waheal.errors import UsageError

_LONGEST = 1 << 20


def read_template(path: Path) -> str:
    """Give a template file's text, every newline as it is in the file.

    The encoding is told as for campaign files.
    Raises: UsageError.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_LONGEST + 1)
    except OSError as error:
        raise UsageError(
            f"the template {str(path)!r} can't be read: {error.strerror}",
            hint="see that the path is right",
        ) from error
    encoding = encoding_of(data)
    if encoding is None or len(data) > _LONGEST:
        raise UsageError(
            f"the template {str(path)!r} is not a text file", hint="save it as plain text"
        )
    try:
        return data.decode(encoding.codec, encoding.errors)
    except UnicodeDecodeError as error:
        raise UsageError(
            f"the template {str(path)!r} is damaged: {error.reason}", hint="save it as UTF-8"
        ) from error
