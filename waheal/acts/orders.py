"""What an operator asks for, as they write it: each order says its own options and reads them.

`20/min`, `2h`, `20%`: texts are read where they become settings, so that the command line, a
`waheal.toml` and a program ask in the same words. Raises UsageError where one can't be read.
"""

import time
from dataclasses import dataclass, field
from pathlib import Path

from waheal.acts import parsing
from waheal.acts.wishes import Bounds, Machinery, Pacing, ReplyWords, Route
from waheal.campaign.choices import Choices
from waheal.campaign.links import is_address, place_of
from waheal.campaign.plain_file import read_small
from waheal.campaign.templates import TEMPLATE_BYTES
from waheal.engine.settings import RunSettings
from waheal.errors import UsageError
from waheal.model import DeviceId


@dataclass(frozen=True, slots=True)
class Reading:
    """How a campaign file is to be read; the options of `send` of these names."""

    region: str | None = None
    phone_column: str | None = None
    message: str | None = None
    template: Path | None = None
    media: Path | None = None
    media_root: Path | None = None
    require_consent: bool = False
    opt_out_footer: str | None = None
    international: bool = False
    message_column: str | None = None
    no_message_column: bool = False
    encoding: str | None = None
    zone: str | None = None
    sheet: str | None = None
    hidden_rows: bool = False
    kind: str | None = None
    preview: str | None = None
    fetch_preview: bool = False
    no_preview: bool = False

    def options(self, known: frozenset[DeviceId] | None, home: Path) -> Choices:
        """Give what the campaign room needs.

        `known`: the labels that a device cell may name. `home`: the folder that no file is sent
        from.

        Raises:
            UsageError: one of them can't be read, or two contradict each other.
        """
        self._agree()
        return Choices(
            region=parsing.region(self.region) if self.region else None,
            international=self.international,
            phone_column=self.phone_column,
            message_column=self.message_column,
            own_texts=not self.no_message_column,
            encoding=parsing.encoding(self.encoding) if self.encoding else None,
            recipient_zone=parsing.zone(self.zone) if self.zone else None,
            message=self.message,
            template_text=self._template(),
            kind=None if self.kind is None else parsing.kind(self.kind),
            preview=self._preview(home),
            media=self.media and parsing.spelled(self.media, "--media"),
            media_root=self.media_root and parsing.folder(self.media_root, "--media-root"),
            home=home,
            require_consent=self.require_consent,
            known_devices=known,
            opt_out_footer=self.opt_out_footer,
            sheet=self.sheet,
            hidden_rows=self.hidden_rows,
            now=time.time(),
            zone=parsing.machine_zone(),
        )

    def _agree(self) -> None:
        texts = {
            "--message": self.message is not None,
            "--template": self.template is not None,
            "--message-column": self.message_column is not None,
        }
        several = [option for option, given in texts.items() if given]
        if len(several) > 1:
            raise UsageError(f"{' and '.join(several)} are two texts", hint="leave one out")
        if self.message_column is not None and self.no_message_column:
            raise UsageError(
                "--message-column and --no-message-column contradict each other",
                hint="leave one out",
            )
        if self.region and self.international:
            raise UsageError(
                "--region says what numbers without a country code are, and --international that"
                " there are none",
                hint="leave one out",
            )

    def to_fetch(self, home: Path) -> str | None:
        """Give the address whose page is to be fetched, unless that was done before."""
        wanted = self.preview if self.fetch_preview and not self.no_preview else None
        if wanted is None or not is_address(wanted) or place_of(wanted, home).exists():
            return None
        return wanted

    def _preview(self, home: Path) -> Path | None:
        if self.no_preview or self.preview is None:
            return None
        if not is_address(self.preview):
            return parsing.spelled(Path(self.preview), "--preview")
        if not self.fetch_preview:
            raise UsageError(
                f"--preview {self.preview} is an address, and nothing is fetched",
                hint="name a file with title, text and picture, or say --fetch-preview",
            )
        return place_of(self.preview, home)

    def _template(self) -> str | None:
        if self.template is None:
            return None
        path = parsing.spelled(self.template, "--template")
        try:
            return read_small(path, TEMPLATE_BYTES).decode("utf-8-sig")
        except FileNotFoundError as error:
            raise UsageError(
                f"--template: there is no file {path}",
                hint="its path counts from where waheal runs; a text itself is given by --message",
            ) from error
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is no UTF-8"
            raise UsageError(
                f"the template {path} can't be read: {why}", hint="it is to be a UTF-8 text file"
            ) from error


@dataclass(frozen=True, slots=True)
class SendOrder:
    """One `send`: the file, and all that is to become of it."""

    file: Path
    name: str | None = None
    reading: Reading = field(default_factory=Reading)
    pace: Pacing = field(default_factory=Pacing)
    route: Route = field(default_factory=Route)
    bounds: Bounds = field(default_factory=Bounds)
    machinery: Machinery = field(default_factory=Machinery)
    replies: ReplyWords = field(default_factory=ReplyWords)
    skip_bad_rows: bool = False
    same: bool = False
    dry_run: bool = False
    test_to: str | None = None
    sandbox_devices: int = 5
    show_numbers: bool = False  # in the home's log
    keep_replies: bool = False  # what they say, too
    metrics: Path | None = None  # a file for OpenMetrics text
    on_end: str | None = None  # a command, run once it is over
    detach: bool = False  # of a ledger that machines share: leave it to their workers

    def settings(self) -> RunSettings:
        """Give what the engine is to do, but for whom it is attached to."""
        share, longest = self.bounds.pause_after_errors, self.bounds.max_runtime
        start, until = self.bounds.moments()
        self.machinery.read()  # how many that makes, the devices say
        return RunSettings(
            campaign=campaign_name(self.file, self.name),
            devices=self.route.labels(),
            limits=self.pace.limits(),
            new_chats=self.pace.chats(),
            window=self.pace.hours(),
            keep_replies=self.keep_replies,
            sticky=self.route.sticky,
            sticky_failover=self.route.failover,
            limit=self.bounds.limit,
            max_runtime=parsing.duration(longest, "--max-runtime") if longest else None,
            start=start,
            until=until,
            pause_after_errors=parsing.share(share, "--pause-after-errors") if share else None,
            max_tries=self.bounds.max_tries,
            max_wait=parsing.duration(self.bounds.max_wait, "--max-wait"),
            ledger_wait=parsing.duration(self.bounds.ledger_wait, "--ledger-wait"),
        )


def campaign_name(file: Path, name: str | None) -> str:
    """Give the campaign's name: what the operator says, else the file's stem."""
    chosen = (file.stem if name is None else name).strip()
    if not chosen or not chosen.isprintable():
        raise UsageError(f"{chosen!r} can't be a campaign's name", hint="give one with --name")
    return chosen
