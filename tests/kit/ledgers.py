"""Ledgers for tests: a home in a folder, some rows, the short way to claim and settle."""

import os
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.kit import postgres
from waheal.model import Content, DeviceId, Phone, Planned, State
from waheal.records import Campaign, Claim, Dropped, Enrolled, Origin, Want
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.store.sqlite import SqliteConnection

if TYPE_CHECKING:
    from waheal.store.postgres import PostgresConnection

on_both = pytest.mark.usefixtures("database")
"""Runs a module's tests on SQLite and, with `-m cluster`, on PostgreSQL."""

NOW = 1_700_000_000.0
BOOT = "boot-1"
ORIGIN = Origin(BOOT, "host-1.log", "identity", None)
ANNA = Phone("+12025550100")
BERT = Phone("+12025550101")
CARL = Phone("+12025550102")
LONG, SHORT = Phone("+5511961234567"), Phone("+551161234567")
"""One Brazilian account, with and without its ninth digit."""
ONE = DeviceId("one")
TWO = DeviceId("two")


def open_home(path: Path) -> Home:
    """Make a home of mode 0700."""
    return Home.open(path / "home", create=True)


def open_ledger(home: Home, *, readonly: bool = False) -> Ledger:
    """Open a home's ledger, in whichever database the tests are run on."""
    url = os.environ.get(postgres.LEDGERS)
    if url is None:
        return Ledger.open(home, readonly=readonly)
    return open_shared(home, postgres.place(url, home.root), readonly=readonly)


def open_shared(home: Home, at: str, name: str = "test", *, readonly: bool = False) -> Ledger:
    """Open a ledger in PostgreSQL as one of its machines."""
    ledger = Ledger.open(home, at=at, readonly=readonly)
    with ExitStack() as unless_joined:
        unless_joined.callback(ledger.close)
        if not (readonly or ledger.machines.mine):
            ledger.machines.join(name)
        unless_joined.pop_all()
    return ledger


def file_of(ledger: Ledger) -> SqliteConnection:
    """Give the connection to a ledger that lies in a file."""
    assert isinstance(ledger._db, SqliteConnection)
    return ledger._db


def server_of(ledger: Ledger) -> "PostgresConnection":
    """Give the connection to a ledger that lies in PostgreSQL."""
    from waheal.store.postgres import PostgresConnection  # noqa: PLC0415 - of an extra

    assert isinstance(ledger._db, PostgresConnection)
    return ledger._db


def is_open(path: Path) -> bool:
    """Tell whether this process has the file open."""
    return any(held.resolve() == path.resolve() for held in Path("/proc/self/fd").iterdir())


def jid_of(device: DeviceId) -> str:
    """Tell a test device's session."""
    number = sum(device.encode()) % 90
    return f"12025550{number + 100}:{number + 1}@s.whatsapp.net"


def row(number: int, phone: Phone, text: str = "hello") -> Planned:
    """Make a plain row."""
    return Planned(number, phone, Content(text))


def start(ledger: Ledger, *rows: Planned, name: str = "c", now: float = NOW) -> Campaign:
    """Open a campaign with these rows."""
    campaign = ledger.campaigns.open(name, f"/tmp/{name}.csv", now)  # noqa: S108 - only a name
    enrol(ledger, campaign, *rows, now=now)
    return campaign


def enrol(ledger: Ledger, campaign: Campaign, *rows: Planned, now: float = NOW) -> Enrolled:
    """Enrol a file of just these rows."""
    return ledger.enrolment.enroll(campaign.id, rows, now=now, digest="d")


def want(delivery: int, device: DeviceId = ONE, lid: str | None = None) -> Want:
    """Wish to send a delivery through a device."""
    return Want(delivery, device, jid_of(device), lid, ORIGIN)


def claim_all(
    ledger: Ledger, campaign: Campaign, *, device: DeviceId = ONE, now: float = NOW
) -> tuple[list[Claim], list[Dropped]]:
    """Claim everything that no lane holds."""
    due = ledger.work.due(campaign.id, None, now, 100)
    wants = [want(each.delivery, device) for each in due]
    return ledger.work.claim(campaign, wants, now=now)


def claim_one(ledger: Ledger, campaign: Campaign, *, device: DeviceId = ONE) -> Claim:
    """Claim the one delivery that is due."""
    claims, _ = claim_all(ledger, campaign, device=device)
    (claim,) = claims
    return claim


def send(ledger: Ledger, claim: Claim, message_id: str = "M1") -> None:
    """Let the server take a claimed message."""
    assert ledger.outcomes.settle(
        claim.delivery, claim.attempt, State.SENT, now=NOW, message_id=message_id
    ), "the ending was fenced off"


def states(ledger: Ledger, campaign: Campaign) -> dict[Phone, State]:
    """Tell each recipient's state."""
    return {each.phone: each.state for each in ledger.recipients.rows(campaign.id)}
