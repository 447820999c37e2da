"""Has ffmpeg read what nothing else here can, where it is installed; gives bytes or nothing.

It gets the content in memory, the one demuxer that fits, and no protocol but files: a recording
that names addresses or other files leads it nowhere.
"""

import os
import shutil
import subprocess

_PATIENCE = 20.0  # seconds
MOST = 900
"""Seconds of a recording that are decoded."""


def first_frame(video: bytes) -> bytes:
    """Give the first picture of an MP4 or 3GP as JPEG; empty where that can't be had."""
    return _run(video, "mov", "-frames:v", "1", "-f", "mjpeg")


def samples(sound: bytes, demuxer: str, rate: int) -> bytes:
    """Give a recording as 16-bit samples of one channel; empty where that can't be had."""
    return _run(sound, demuxer, "-t", str(MOST), "-ac", "1", "-ar", str(rate), "-f", "s16le")


def _run(data: bytes, demuxer: str, *output: str) -> bytes:
    program = shutil.which("ffmpeg")
    if program is None:
        return b""
    handle = os.memfd_create("waheal")
    try:
        with open(handle, "wb", closefd=False) as file:
            file.write(data)
        done = subprocess.run(
            [program, "-v", "error", "-nostdin", "-protocol_whitelist", "file,pipe",
             "-f", demuxer, "-i", f"/proc/self/fd/{handle}", *output, "pipe:1"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            pass_fds=[handle], timeout=_PATIENCE, check=False,
        )  # fmt: skip
    except (OSError, subprocess.TimeoutExpired):
        return b""
    finally:
        os.close(handle)
    return done.stdout if done.returncode == 0 else b""
