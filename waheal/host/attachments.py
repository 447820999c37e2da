"""Reads a message's attachment as it was checked; loads no library and sends nothing."""

import hashlib
import os
import stat
from pathlib import Path

from waheal.host.client import AttachmentError
from waheal.model import MEDIA_LIMITS, Media


def read_attachment(media: Media) -> bytes:
    """Read the file, without waiting for anything and without following a link.

    Raises:
        AttachmentError: it can't be read, or is no longer the file that was checked.
    """
    try:
        data = _read(media)
    except OSError as error:
        raise AttachmentError(
            f"the attachment {media.path} can't be read: {error.strerror}"
        ) from error
    if hashlib.sha256(data).hexdigest() != media.sha256:
        raise AttachmentError(f"the attachment {media.path} has changed since it was checked")
    return data


def state_of(media: Media) -> tuple[int, ...] | None:
    """Give what changes with the file's content; None where there is no such file."""
    try:
        status = Path(media.path).lstat()
    except OSError:
        return None
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns


def _read(media: Media) -> bytes:
    """Read what is there, but of what is too large no more than shows that it is."""
    # Without O_NONBLOCK, opening a pipe would wait for its other end.
    flags = os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY
    handle = os.open(media.path, flags)
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise AttachmentError(f"the attachment {media.path} is no file any more")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(min(status.st_size, MEDIA_LIMITS[media.kind]) + 1)
    finally:
        os.close(handle)
