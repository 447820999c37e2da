"""Judges a campaign before it is sent: its file, and what the home and the pace make of it."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from waheal.acts import estimate, parsing
from waheal.acts.asking import read
from waheal.acts.orders import Reading, SendOrder, campaign_name
from waheal.acts.schedule import Schedule
from waheal.acts.wishes import Pacing, Route
from waheal.acts.workspace import Workspace, missing, no_device
from waheal.campaign.checking import Checked
from waheal.campaign.checking import check as judge
from waheal.campaign.choices import Choices
from waheal.errors import HomeUnusableError, UsageError
from waheal.findings import Alike, Caution, Preview, Problem
from waheal.model import DeviceId, DeviceState, Labels, Planned
from waheal.records import Device
from waheal.store.ledger import WHATSAPP, Ledger


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """One `check`: as `send` would be asked, and where the bad rows go.

    `sent`: the whole order of that `send`, whose other options are to be read as well.
    """

    file: Path
    name: str | None = None
    reading: Reading = field(default_factory=Reading)
    pace: Pacing = field(default_factory=Pacing)
    devices: str | None = None
    skip_bad_rows: bool = False
    sandbox_devices: int = 5
    rejected: Path | None = None
    sent: SendOrder | None = None

    @classmethod
    def of(cls, sent: SendOrder, rejected: Path | None = None) -> "CheckOrder":
        """Ask what would become of a `send`."""
        return cls(
            sent.file,
            sent.name,
            sent.reading,
            sent.pace,
            sent.route.devices,
            sent.skip_bad_rows,
            sent.sandbox_devices,
            rejected,
            sent,
        )

    def as_sent(self) -> SendOrder:
        """Give the `send` that it is about."""
        return self.sent or SendOrder(
            self.file,
            self.name,
            self.reading,
            self.pace,
            Route(self.devices),
            skip_bad_rows=self.skip_bad_rows,
            sandbox_devices=self.sandbox_devices,
        )


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is told apart from the file, and changes no verdict: devices, pace and time.

    `recipients` are those of the file, `declined` those of them without consent, `suppressed` those
    of the others who opted out, `seen` this campaign's recipients from before. `seconds`: what it
    takes at the set pace and hours, 0 where nothing holds it back, None without devices.
    `limited`: there is a
    window. `too_late`: it is not over before it expires. `unpaced`: no rate is set, for the real
    WhatsApp. `starts`, `ends` (Unix s): when it would, if that is said.
    """

    rows: int
    recipients: int
    declined: int
    suppressed: int
    seen: int
    devices: int
    seconds: float | None
    limited: bool
    too_late: bool
    unpaced: bool
    starts: float | None = None
    ends: float | None = None


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is to be said of a campaign. `ok`: `send` would begin.

    `problems` are the first 10,000 of `problem_count`; a warning tells of more. `others`: there are
    rows that could be sent without those that have any. `alike`: all that was found, by kind;
    `bad_rows`: how many rows have problems.
    """

    ok: bool
    rows: int
    problems: tuple[Problem, ...]
    warnings: tuple[Caution, ...]
    preview: tuple[Preview, ...]
    outlook: Outlook
    problem_count: int = 0
    others: bool = False
    alike: tuple[Alike, ...] = ()
    bad_rows: int = 0


@dataclass(frozen=True, slots=True)
class _Around:
    """What the home tells about a campaign before it is sent."""

    known: frozenset[DeviceId] | None
    can_send: int
    unwanted: frozenset[str] = frozenset()
    seen: int = 0
    warnings: tuple[Caution, ...] = ()
    refused: tuple[Problem, ...] = ()  # what `send` would not begin for


@dataclass(slots=True)
class _Watch:
    """Looks at each good row as it passes."""

    hours: Schedule
    unwanted: frozenset[str]
    suppressed: int = 0

    def note(self, row: Planned) -> None:
        self.hours.note(row)
        self.suppressed += row.consent and row.phone in self.unwanted


def check(workspace: Workspace, order: CheckOrder | str | Path) -> CheckReport:
    """Name the problems of a campaign file with their rows and columns, and preview its texts.

    Sends nothing, and changes nothing in the home. `order` may be the file alone. A file that
    can't be read is a problem, too.

    >>> checked = waheal.check(home, "campaigns/demo.csv")
    >>> checked.ok, checked.rows
    (True, 120)

    Raises:
        UsageError: an option can't be read, or the bad rows can't be written.
    """
    if not isinstance(order, CheckOrder):
        order = CheckOrder(Path(order))
    read(order.as_sent())  # and refuse what can't be
    now, (start, until) = time.time(), order.as_sent().bounds.moments()
    hours = Schedule(order.pace.hours(), order.pace.expiry(), max(now, start or 0.0))
    around = _around(workspace, order, parsing.labels(order.devices))
    options = order.reading.options(around.known, workspace.private)
    unfetched = tuple[Caution, ...]()
    if (address := order.reading.to_fetch(workspace.private)) is not None:
        told = f"the preview of {address} is shown once it was fetched, which `send` does"
        options, unfetched = replace(options, preview=None), (Caution(None, None, told),)
    watch = _Watch(hours, around.unwanted)
    checked = _judged(order, options, watch)
    refused = (*around.refused, *hours.problems(), *_unspelled(order.file))
    doubts = (*around.warnings, *hours.warnings())
    return CheckReport(
        ok=not refused and (checked.ok or (order.skip_bad_rows and checked.skippable)),
        rows=checked.rows,
        problems=(*refused, *checked.problems),
        warnings=(*checked.warnings, *unfetched, *doubts),
        preview=checked.preview,
        outlook=replace(
            _outlook(workspace, checked, around, order.pace, watch), starts=start, ends=until
        ),
        problem_count=checked.problem_count + len(refused),
        others=not refused and checked.skippable and checked.planned > 0,
        alike=(*map(Alike, refused), *checked.alike, *map(Alike, doubts)),
        bad_rows=checked.bad_rows,
    )


def _unspelled(file: Path) -> list[Problem]:
    """Say that `send` can't keep the file's path."""
    try:
        parsing.spelled(file, "the file")
    except UsageError as error:
        return [Problem(None, None, error.message, error.hint, skippable=False)]
    return []


def _around(workspace: Workspace, order: CheckOrder, chosen: Labels | None) -> _Around:
    # The file is judged by itself: a home that isn't there yet, or is out of order, is no problem
    # of the campaign's.
    try:
        if not workspace.has_ledger:
            return _devices(workspace, [], order, chosen)
        with workspace.ledger(readonly=True) as ledger:
            if workspace.real:
                ledger.see_it_may(WHATSAPP)
            found = ledger.devices.all(time.time(), everywhere=True)
            around = _devices(workspace, found, order, chosen)
            return _known(ledger, order.as_sent(), around)
    except HomeUnusableError as error:
        left_out = Caution(None, None, f"the home is left out: {error.message}", error.hint)
        return _Around(None, 0, warnings=(left_out,))


def _devices(
    workspace: Workspace, found: Sequence[Device], order: CheckOrder, chosen: Labels | None
) -> _Around:
    """Tell who can send; to the embedded sandbox also those that `send` would pair by itself."""
    to_pair = missing(found, order.sandbox_devices) if workspace.sandbox else []
    labels = frozenset([*(device.label for device in found), *to_pair])
    ready = {device.label for device in found if device.state is DeviceState.READY} | {*to_pair}
    unknown = [] if chosen is None else map(no_device, chosen.unmatched(labels))
    return _Around(
        known=labels,
        can_send=sum(chosen is None or label in chosen for label in ready),
        refused=tuple(
            Problem(None, None, each.message, each.hint, skippable=False) for each in unknown
        ),
    )


def _known(ledger: Ledger, sent: SendOrder, around: _Around) -> _Around:
    """Add what the ledger knows of the campaign."""
    campaign = ledger.campaigns.find(campaign_name(sent.file, sent.name))
    if campaign is not None and sent.test_to is None:
        path = str(parsing.spelled(sent.file, "the file"))
        ledger.campaigns.see_it_is_its_file(campaign, path, same=sent.same)
    return replace(
        around,
        unwanted=ledger.people.unwanted(),
        seen=0 if campaign is None else ledger.campaigns.tally(campaign.id).total,
    )


def _judged(order: CheckOrder, options: Choices, watch: _Watch) -> Checked:
    try:
        return judge(order.file, options, watch=watch.note, rejected=order.rejected)
    except OSError as error:
        raise UsageError(
            f"{order.rejected} can't be written: {error.strerror}", hint="name another file"
        ) from error


def _outlook(
    workspace: Workspace, checked: Checked, around: _Around, pace: Pacing, watch: _Watch
) -> Outlook:
    hours = watch.hours
    written = checked.planned - checked.declined - watch.suppressed
    limits, chats = pace.limits(), pace.chats()
    busy = estimate.seconds(written, around.can_send, limits, hours.window, chats)
    took = None if busy is None else hours.wait + busy
    return Outlook(
        rows=checked.rows,
        recipients=checked.planned,
        declined=checked.declined,
        suppressed=watch.suppressed,
        seen=around.seen,
        devices=around.can_send,
        seconds=took,
        limited=hours.limited,
        too_late=bool(took) and hours.too_long(took or 0.0),
        unpaced=workspace.real and estimate.unlimited(limits),
    )
