"""Judges a campaign before it is sent: its file, and what the home and the pace make of it."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from waheal.acts import estimate, parsing
from waheal.acts.orders import Pacing, Reading, campaign_name
from waheal.acts.schedule import Schedule
from waheal.acts.workspace import Workspace
from waheal.campaign.checking import Checked
from waheal.campaign.checking import check as judge
from waheal.campaign.choices import Choices
from waheal.errors import HomeUnusableError, UsageError
from waheal.findings import Caution, Preview, Problem
from waheal.model import DeviceId, DeviceState, Labels, Planned
from waheal.store.home import Home
from waheal.store.ledger import Ledger


@dataclass(frozen=True, slots=True)
class CheckOrder:
    """One `check`: as `send` would be asked, and where the bad rows go."""

    file: Path
    name: str | None = None
    reading: Reading = field(default_factory=Reading)
    pace: Pacing = field(default_factory=Pacing)
    devices: str | None = None
    skip_bad_rows: bool = False
    sandbox_devices: int = 5
    rejected: Path | None = None


@dataclass(frozen=True, slots=True)
class Outlook:
    """What is told apart from the file, and changes no verdict: devices, pace and time.

    `recipients` are those of the file, `declined` those of them without consent, `suppressed` those
    of the others who opted out, `seen` this campaign's recipients from before. `seconds`: what it
    takes at the set pace and hours, 0 where nothing holds it back, None without devices.
    `limited`: there is a
    window. `too_late`: it is not over before it expires. `unpaced`: no rate is set, for the real
    WhatsApp.
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


@dataclass(frozen=True, slots=True)
class CheckReport:
    """What is to be said of a campaign. `ok`: `send` would begin.

    `problems` are the first 10,000 of `problem_count`; a warning tells of more. `others`: there are
    rows that could be sent without those that have any.
    """

    ok: bool
    rows: int
    problems: tuple[Problem, ...]
    warnings: tuple[Caution, ...]
    preview: tuple[Preview, ...]
    outlook: Outlook
    problem_count: int = 0
    others: bool = False


@dataclass(frozen=True, slots=True)
class _Around:
    """What the home tells about a campaign before it is sent."""

    known: frozenset[DeviceId] | None
    can_send: int
    unwanted: frozenset[str] = frozenset()
    seen: int = 0
    warnings: tuple[Caution, ...] = ()


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
    hours = Schedule(order.pace.hours(), order.pace.expiry(), time.time())
    chosen = parsing.labels(order.devices)
    around = _around(workspace, order, chosen)
    options = order.reading.options(around.known, workspace.private)
    unfetched = tuple[Caution, ...]()
    if (address := order.reading.to_fetch(workspace.private)) is not None:
        told = f"the preview of {address} is shown once it was fetched, which `send` does"
        options, unfetched = replace(options, preview=None), (Caution(None, None, told),)
    watch = _Watch(hours, around.unwanted)
    checked = _judged(order, options, watch)
    return CheckReport(
        ok=checked.ok or (order.skip_bad_rows and checked.skippable),
        rows=checked.rows,
        problems=checked.problems,
        warnings=(*checked.warnings, *around.warnings, *unfetched, *hours.warnings()),
        preview=checked.preview,
        outlook=_outlook(workspace, checked, around, order.pace, watch),
        problem_count=checked.problem_count,
        others=checked.skippable and checked.planned > 0,
    )


def _around(workspace: Workspace, order: CheckOrder, chosen: Labels | None) -> _Around:
    # The file is judged by itself: a home that isn't there yet, or is out of order, is no problem
    # of the campaign's.
    name = campaign_name(order.file, order.name)
    paired = order.sandbox_devices if workspace.sandbox else 0  # `send` does so by itself
    try:
        if not Home.owned(workspace.root).ledger_path.exists():
            return _Around(frozenset(), paired)
        with workspace.ledger(readonly=True) as ledger:
            return _known(ledger, name, chosen, paired)
    except HomeUnusableError as error:
        left_out = Caution(None, None, f"the home is left out: {error.message}", error.hint)
        return _Around(None, 0, warnings=(left_out,))


def _known(ledger: Ledger, name: str, chosen: Labels | None, paired: int) -> _Around:
    found = ledger.devices.all(time.time())
    labels = frozenset(device.label for device in found)
    ready = [
        device
        for device in found
        if device.state is DeviceState.READY and (chosen is None or device.label in chosen)
    ]
    campaign = ledger.campaigns.find(name)
    return _Around(
        known=labels,
        can_send=max(len(ready), paired),
        unwanted=ledger.people.unwanted(),
        seen=0 if campaign is None else ledger.campaigns.tally(campaign.id).total,
        warnings=tuple(
            Caution(None, None, f"no device is called {label!r}", "`waheal devices list`")
            for label in ([] if chosen is None else chosen.unmatched(labels))
        ),
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
