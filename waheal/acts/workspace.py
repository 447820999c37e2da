"""Where the acts work: a home, and the WhatsApp that it is used with; starts nothing."""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from waheal.acts.location import default_home
from waheal.acts.trust import read_trust
from waheal.client_version import ClientVersion, parse_client_version
from waheal.errors import UsageError
from waheal.ledger_url import LedgerUrl, read_ledger_url
from waheal.model import DeviceId, Labels, Quarantine, Trust
from waheal.records import Campaign, Device
from waheal.store.home import Home
from waheal.store.ledger import Ledger

SANDBOX = "sandbox"
"""The folder in a home that holds the embedded sandbox's own home."""

_SANDBOXED = "those of the sandbox need --sandbox"


@dataclass(frozen=True, slots=True)
class Workspace:
    """A home and its target: the real WhatsApp, a local server (`trust`), or the sandbox.

    `root` is the home in use: with `sandbox` the one within the operator's. `client_version`: what
    the library announces there, None for its own. `at`: the database that the ledger lies in, None
    for the home's own file.
    """

    root: Path
    sandbox: bool = False
    trust: Trust | None = None
    client_version: ClientVersion | None = None
    at: LedgerUrl | None = None

    @property
    def real(self) -> bool:
        """Whether messages would reach real people."""
        return not self.sandbox and self.trust is None

    @property
    def private(self) -> Path:
        """The folder that is the operator's home, also where the home in use is within it."""
        return self.root.parent if self.sandbox else self.root

    def home(self) -> Home:
        """Open the home, made on first use.

        Raises:
            HomeUnusableError: it can't be used.
        """
        if self.sandbox:
            Home.open(self.private, create=True)  # what holds it must be one's own too
        return Home.open(self.root, create=True)

    @property
    def has_ledger(self) -> bool:
        """Whether there is a ledger already; on a server there is one until it is asked."""
        return self.at is not None or Home.owned(self.root).ledger_path.exists()

    def ledger(self, home: Home | None = None, *, readonly: bool = False) -> Ledger:
        """Open the ledger; with a local server only where the home belongs to that one.

        Raises:
            HomeUnusableError: it can't be used.
            UsageError: the home belongs to another target, or shares a ledger that isn't named.
        """
        home = home or self.home()
        if self.at is None and home.known_id() is not None:
            raise UsageError(
                f"the home {home.root} has joined a ledger that machines share, and none is named",
                hint="name it by --ledger, by WAHEAL_LEDGER, or as ledger in waheal.toml; a home"
                f" that is to be alone again loses its {home.id_path.name}",
            )
        ledger = Ledger.open(home, at=self.at, readonly=readonly, make=False)
        try:
            if self.trust is not None:
                ledger.see_it_may(self.trust.noise_root)
        except BaseException:
            ledger.close()
            raise
        return ledger


def open_home(
    home: str | Path | None = None,
    *,
    sandbox: bool = False,
    trust: str | Path | None = None,
    client_version: str | None = None,
    ledger: str | None = None,
    ledger_plain: bool = False,
) -> Workspace:
    """Say where to work: in which home, and with which WhatsApp; nothing is made or read yet.

    Without `home` the platform's user data folder is taken. `sandbox`: the embedded WhatsApp that
    is kept in the home, and a home of its own for it. `trust`: a trust file of a server that runs
    on this machine. `client_version`: which WhatsApp Web the library says it is, in place of its
    own, such as 2.3000.1050000000. `ledger`: the `postgresql://` URL of the database that several
    homes keep one ledger in; the embedded sandbox's stays in a file of its own. `ledger_plain`: it
    may be on another machine without proving who it is.

    >>> home = waheal.open_home("rehearsal", sandbox=True)
    >>> home.real
    False

    Raises:
        UsageError: two targets at once, or a trust file, a version or a URL that can't be used.
    """
    if sandbox and trust is not None:
        raise UsageError(
            "--sandbox and --trust are two different targets",
            hint="leave one out; WAHEAL_TRUST and WAHEAL_SANDBOX count too",
        )
    at = read_ledger_url(ledger, plain=ledger_plain) if ledger else None
    root = default_home() if home is None else Path(home)
    return Workspace(
        root=(root / SANDBOX if sandbox else root).expanduser().absolute(),
        sandbox=sandbox,
        trust=None if trust is None else read_trust(Path(trust)),
        client_version=parse_client_version(client_version) if client_version else None,
        at=None if sandbox else at,
    )


def see_they_are_known(chosen: Labels | None, known: Iterable[DeviceId]) -> None:
    """Let only labels and patterns pass that mean a device; None stands for all devices.

    Raises:
        UsageError: one means none.
    """
    unknown = [] if chosen is None else chosen.unmatched(known)
    if unknown:
        raise no_device(unknown[0])


def find_device(ledger: Ledger, label: DeviceId, now: float) -> Device:
    """Give the device of that label.

    Raises:
        UsageError: there is none.
    """
    device = ledger.devices.find(label, now)
    if device is None:
        raise no_device(label)
    return device


def known_labels(ledger: Ledger) -> frozenset[DeviceId]:
    """Tell what a file may call a device: those of all machines that share the ledger."""
    return frozenset(each.label for each in ledger.devices.all(time.time(), everywhere=True))


def find_here(ledger: Ledger, label: DeviceId, now: float) -> Device:
    """Give the device of that label, whose login is in this home.

    Raises:
        UsageError: there is none, or it is another machine's.
    """
    device = find_device(ledger, label, now)
    if label not in {each.label for each in ledger.devices.all(now)}:
        if device.reason == Quarantine.MOVING:
            raise UsageError(
                f"{label} is on its way to the machine {device.machine}",
                hint=f"take it in there: `waheal devices import {quote(label)}.session"
                f"{quoted_home_of(ledger, device.machine)}`",
            )
        raise UsageError(
            f"{label} is a device of the machine {device.machine}",
            hint="its login is there: do it there",
        )
    return device


def quoted_home_of(ledger: Ledger, machine: str | None) -> str:
    """Word a machine's home as it is named by a command that is to be typed there."""
    found = [each.host for each in ledger.machines.listed() if each.name == machine and each.host]
    return f" --home {quote(found[-1].partition(':')[2])}" if found else ""


def no_device(label: str) -> UsageError:
    """Word it that no device has this label."""
    return UsageError(
        f"no device is called {label!r}", hint=f"`waheal devices list` shows them; {_SANDBOXED}"
    )


def missing(devices: Sequence[Device], wanted: int) -> list[DeviceId]:
    """Name the devices that a sandbox's home lacks, so that it has as many as are wanted."""
    linked = sum(1 for device in devices if device.jid is not None)
    taken = {device.label for device in devices}
    numbered = (DeviceId(f"sandbox-{number}") for number in range(1, wanted + len(taken) + 1))
    return [label for label in numbered if label not in taken][: max(0, wanted - linked)]


def find_campaign(ledger: Ledger, word: str) -> Campaign:
    """Give the campaign of that name, or of the file of that name.

    Raises:
        UsageError: there is none.
    """
    found = ledger.campaigns.find(word) or ledger.campaigns.find(Path(word).stem)
    if found is None:
        raise UsageError(
            f"no campaign is called {word!r}", hint=f"`waheal status` lists them; {_SANDBOXED}"
        )
    return found


def key_is_lost(home: Home, ledger: Ledger) -> bool:
    """Whether the key is gone that earlier runs made their witnesses with."""
    return not home.key_path.exists() and bool(ledger.history.claim_times(0.0))
