"""The choices under which a campaign file is read; it does not know the command line."""

import json
from dataclasses import dataclass
from datetime import tzinfo
from pathlib import Path

from waheal.campaign.header import Wanted
from waheal.model import DeviceId, MessageKind


@dataclass(frozen=True, slots=True)
class Choices:
    """What the operator chose beside the file.

    `now` is Unix seconds. `zone` is that of dates without an offset, None for the machine's own.
    `region` (two letters) is that of numbers without a country code; with `international` all have
    one. Without `own_texts` no column is the rows' text. `encoding` is a codec's name, None to
    judge by the bytes. `recipient_zone` (IANA) is that of rows without a zone cell. `sheet` is a
    workbook's, by its name or its place from 1; with `hidden_rows` the hidden ones are read, too.
    `kind` is that of rows without a kind cell, None for a text or its file. `preview` is the file
    of what links show. `media` goes to every row whose own media cell is empty. Media cells may not
    lead out of `media_root`, which is the file's own folder unless given. Nothing that lies in
    `home` is sent. `known_devices` None: device cells are not judged.
    """

    now: float
    zone: tzinfo | None = None
    region: str | None = None
    international: bool = False
    phone_column: str | None = None
    message_column: str | None = None
    own_texts: bool = True
    encoding: str | None = None
    recipient_zone: str | None = None
    sheet: str | None = None
    hidden_rows: bool = False
    message: str | None = None
    template_text: str | None = None
    kind: MessageKind | None = None
    preview: Path | None = None
    media: Path | None = None
    media_root: Path | None = None
    home: Path | None = None
    require_consent: bool = False
    known_devices: frozenset[DeviceId] | None = None
    opt_out_footer: str | None = None

    @property
    def text(self) -> str | None:
        """The template of rows that bring none of their own."""
        return self.template_text if self.template_text is not None else self.message

    @property
    def wanted(self) -> Wanted:
        """The columns that the operator names."""
        return Wanted(self.phone_column, self.message_column, self.own_texts)

    def fingerprint(self) -> bytes:
        """Whatever here changes what a row becomes; the same bytes for the same choices."""
        return json.dumps(
            [
                "waheal campaign 4",
                self.region,
                self.international,
                self.phone_column,
                self.message_column,
                self.own_texts,
                self.encoding,
                self.recipient_zone,
                self.sheet,
                self.hidden_rows,
                self.text,
                self.require_consent,
                self.opt_out_footer,
                self.kind,
                str(self.preview),
                str(self.zone),
                str(self.media_root),
                str(self.media),
                str(self.home),
            ]
        ).encode()
