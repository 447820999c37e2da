"""What an operator asks for, as they write it: each order says its own options and reads them.

`20/min`, `2h`, `20%`: texts are read where they become settings, so that the command line, a
`waheal.toml` and a program ask in the same words. Raises UsageError where one can't be read.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from waheal.acts import parsing
from waheal.acts.fetching import place_of
from waheal.acts.parsing import AUTO
from waheal.campaign.choices import Choices
from waheal.campaign.dates import NotADateError, parse_date
from waheal.campaign.links import is_address
from waheal.campaign.plain_file import read_small
from waheal.campaign.templates import TEMPLATE_BYTES
from waheal.engine.settings import RunSettings
from waheal.errors import UsageError
from waheal.model import DeviceId, Labels
from waheal.policy.chat_limits import ChatBudget, parse_new_chats, parse_ramp
from waheal.policy.pacing import Limits, parse_frequency, parse_rate, parse_total_rate
from waheal.sizing import Sizes, sizes, this_machine
from waheal.wire import HostSettings

if TYPE_CHECKING:
    from waheal.policy.optout import Words
    from waheal.policy.windows import Window


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


T = TypeVar("T")


def _read(text: str | None, read: Callable[[str], T]) -> T | None:
    return None if text is None else read(text)


@dataclass(frozen=True, slots=True)
class Pacing:
    """How fast and when; none by default."""

    rate: Sequence[str] = ()
    daily: int | None = None
    new_chats: str | None = None
    ramp: str | None = None
    gap: str | None = None
    jitter: str | None = None
    rate_total: str | None = None
    per_recipient: str | None = None
    window: str | None = None
    days: str | None = None
    expires: str | None = None
    burst: bool = False

    def limits(self) -> Limits:
        """Give the pace that is asked for."""
        # What is given and empty is refused, too: it must not stand for no limit.
        asked = Limits(
            per_day=self.daily,
            gap=0.0 if self.gap is None else parsing.duration(self.gap, "--gap"),
            jitter=0.0 if self.jitter is None else parsing.share(self.jitter, "--jitter"),
            per_recipient=_read(self.per_recipient, parse_frequency),
            burst=self.burst,
        )
        for each in self.rate:
            asked = asked.combined(parse_rate(each))
        total = _read(self.rate_total, parse_total_rate)
        return asked if total is None else asked.combined(total)

    def chats(self) -> ChatBudget:
        """Give how many chats a device may begin."""
        return ChatBudget(_read(self.new_chats, parse_new_chats), _read(self.ramp, parse_ramp))

    def hours(self) -> "Window | None":
        """Give the hours in which messages may go out, in the recipient's zone."""
        # It loads phonenumbers, which the list of devices has no use for.
        from waheal.policy.windows import window_of  # noqa: PLC0415

        return window_of(self.window, self.days)

    def expiry(self) -> float | None:
        """Give the moment after which nothing is sent (Unix s); a day is over at its end."""
        if self.expires is None:
            return None
        try:
            return parse_date(self.expires, parsing.machine_zone(), end_of_day=True)
        except NotADateError as error:
            raise UsageError(
                f"--expires {self.expires!r}: {error}", hint="such as 2026-12-24"
            ) from error


@dataclass(frozen=True, slots=True)
class Machinery:
    """How many threads, processes and clients may be used: a number each, or `auto`.

    `auto`: by the devices, the cores and the limits of the machine.
    """

    senders: int | str = AUTO
    hosts: int | str = AUTO
    max_open: int | str = AUTO

    def sizes(self, devices: int) -> Sizes:
        """Give what a run through so many devices is given on this machine."""
        hosts, senders, most = self.read()
        return sizes(devices, this_machine(), hosts=hosts, senders=senders, max_open=most)

    def read(self) -> tuple[int | None, int | None, int | None]:
        """Give hosts, senders and clients; None where it says auto.

        Raises:
            UsageError: one is no number.
        """
        return (
            parsing.amount(self.hosts, "--hosts"),
            parsing.amount(self.senders, "--senders"),
            parsing.amount(self.max_open, "--max-open"),
        )

    def settings(self, host: HostSettings, devices: int) -> HostSettings:
        """Give what every host process is started with."""
        found = self.sizes(devices)
        return replace(
            host, senders=found.senders, connects=found.connects, max_open=found.max_open
        )


@dataclass(frozen=True, slots=True)
class Bounds:
    """When a run begins, and when it ends by itself."""

    limit: int | None = None
    max_runtime: str | None = None
    until: str | None = None
    pause_after_errors: str | None = None
    max_tries: int = 3
    max_wait: str = "15m"
    start: str | None = None

    def moments(self) -> tuple[float | None, float | None]:
        """Give when the run begins, and when it ends at the latest (Unix s); None: nobody said so.

        Raises:
            UsageError: one can't be read, or it would end before it begins.
        """
        now = datetime.now(parsing.machine_zone())
        start = parsing.moment(self.start, "--start", now) if self.start else None
        until = parsing.moment(self.until, "--until", now) if self.until else None
        if start is not None and until is not None and until <= start:
            raise UsageError(
                f"--until {self.until} is not after --start {self.start}",
                hint="say a day with both, such as 2026-12-24T18:00",
            )
        return start, until


@dataclass(frozen=True, slots=True)
class Route:
    """Through which devices: a list of labels such as `a,b` or `shop-*`, or all of them."""

    devices: str | None = None
    sticky: bool = True
    failover: bool = True

    def labels(self) -> Labels | None:
        """Give the devices that are chosen; None for all."""
        return parsing.labels(self.devices)


@dataclass(frozen=True, slots=True)
class ReplyWords:
    """Words that count in replies beside those that always do."""

    stop_words: Sequence[str] = ()
    start_words: Sequence[str] = ()

    def words(self) -> "Words":
        """Give them with those that always count."""
        from waheal.policy.optout import Words  # noqa: PLC0415 - few commands hear anybody

        return Words(self.stop_words, self.start_words)


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
        )


def campaign_name(file: Path, name: str | None) -> str:
    """Give the campaign's name: what the operator says, else the file's stem."""
    chosen = (file.stem if name is None else name).strip()
    if not chosen or not chosen.isprintable():
        raise UsageError(f"{chosen!r} can't be a campaign's name", hint="give one with --name")
    return chosen
