"""What `send` and `check` make of the same options: how to read a campaign file."""

import time
from dataclasses import dataclass
from pathlib import Path

from waheal.campaign.choices import Choices
from waheal.campaign.dates import NotADateError, parse_date
from waheal.cli import words
from waheal.errors import UsageError
from waheal.model import DeviceId


@dataclass(frozen=True, slots=True)
class Reading:
    """How the operator wants a campaign file to be read."""

    region: str | None
    phone_column: str | None
    message: str | None
    template: Path | None
    media: Path | None
    media_root: Path | None
    require_consent: bool
    opt_out_footer: str | None


def file_options(reading: Reading, known: frozenset[DeviceId] | None) -> Choices:
    """Tell what the campaign room needs. `known`: the labels that a device cell may name.

    Raises:
        UsageError: both a text and a template, or one that can't be read.
    """
    now = time.time()
    return Choices(
        region=reading.region.upper() if reading.region else None,
        phone_column=reading.phone_column,
        message=reading.message,
        template_text=_template(reading),
        media=None if reading.media is None else reading.media.absolute(),
        media_root=None if reading.media_root is None else reading.media_root.absolute(),
        require_consent=reading.require_consent,
        known_devices=known,
        opt_out_footer=reading.opt_out_footer,
        now=now,
        zone=words.machine_zone(),
    )


def _template(reading: Reading) -> str | None:
    if reading.template is None:
        return None
    if reading.message is not None:
        raise UsageError("--message and --template are two texts", hint="leave one out")
    try:
        return reading.template.read_bytes().decode("utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the template {reading.template} can't be read", hint="it is to be a UTF-8 text file"
        ) from error


def expiry(text: str | None) -> float | None:
    """Give the moment of `--expires`; a day is over at its end.

    Raises:
        UsageError: it can't be read.
    """
    if text is None:
        return None
    try:
        return parse_date(text, words.machine_zone(), end_of_day=True)
    except NotADateError as error:
        raise UsageError(f"--expires {text!r}: {error}", hint="such as 2026-12-24") from error


def campaign_name(file: Path, name: str | None) -> str:
    """Give the campaign's name: what the operator says, else the file's stem.

    Raises:
        UsageError: it is empty, or holds control characters.
    """
    chosen = (file.stem if name is None else name).strip()
    if not chosen or not chosen.isprintable():
        raise UsageError(f"{chosen!r} can't be a campaign's name", hint="give one with --name")
    return chosen
