"""Takes back a campaign, or amends it, through drops and kills, and compares ledger and phones.

Some messages are too old by then, and one device is gone: these must be told, and left alone.
"""

import sqlite3
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from tests.kill.scene import Command, Scene, set_up
from tests.kit.rig import PATIENCE, Server
from waheal.errand_terms import LIMITS
from waheal.model import DeviceId, ErrandKind, ExitCode, Phone
from waheal.records import Recipient
from waheal.sandbox.control import FaultKind, FaultOrder, InboxEntry
from waheal.store.ledger import Ledger

_GONE = DeviceId("d0")
_NEW = "said anew"
_ACK = 0.2  # seconds that each takes, so that some are under way at any moment
_SPREAD = 0.06  # seconds: a few messages' time
_LISTEN = 2.0  # seconds of sync, for receipts that wait for their device
_DONE = {ErrandKind.RECALL: "recalled", ErrandKind.AMEND: "amended"}


@dataclass
class Account:
    """What one seeded run did and found."""

    kind: ErrandKind
    seed: int
    messages: int
    states: Counter[str] = field(default_factory=Counter)
    in_flight: list[int] = field(default_factory=list)  # at each kill
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def lines(self) -> Iterable[str]:
        yield (
            f"{self.kind} of {self.messages:,}, seed {self.seed}: {dict(self.states)};"
            f" in flight at the kills: {self.in_flight}; {self.seconds:.1f} s"
        )
        for wrong in self.wrong:
            yield f"    WRONG: {wrong}"


def errand_run(
    root: Path,
    server: Server,
    seed: int,
    *,
    kind: ErrandKind = ErrandKind.RECALL,
    messages: int = 60,
    devices: int = 5,
    too_old: int = 4,
    kills: int = 2,
) -> Account:
    """Send a campaign, take it back or amend it through kills, and judge that by the phones."""
    scene = set_up(root, server, devices=devices, recipients=messages)
    scene.send().finish(600.0)
    old = _age(scene, kind, too_old)
    with Ledger.open(scene.home) as ledger:
        jids = {device.label: device.jid for device in ledger.devices.all(time.time())}
        ledger.devices.remove(_GONE, time.time())
    random = Random(seed)  # noqa: S311 - to be repeated, no secret
    account = Account(kind, seed, messages)
    began = time.monotonic()
    for label in random.sample(sorted(set(jids) - {_GONE}), max(1, devices // 3)):
        fault = random.choice([FaultKind.DROP_BEFORE, FaultKind.DROP_AFTER])
        server.control.faults.order(FaultOrder(fault, device=jids[label] or ""))
    server.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=_ACK))
    for _ in range(kills):
        _strike(scene, kind, random, account)
    server.control.faults.clear()
    _to_the_end(scene, kind, account)
    account.seconds = time.monotonic() - began
    _judge(scene, {jid or "" for jid in jids.values()}, jids[_GONE] or "", old, account)
    return account


def order(scene: Scene, kind: ErrandKind) -> Command:
    """Start the command that does it."""
    text = ["--message", _NEW] if kind is ErrandKind.AMEND else []
    trust = ["--trust", str(scene.server.trust_file)]
    return scene.command(kind.value, scene.campaign.stem, *text, *trust)


def _age(scene: Scene, kind: ErrandKind, count: int) -> frozenset[Phone]:
    """Let the last recipients' messages have been sent too long ago."""
    old = scene.recipients[-count:]
    with closing(sqlite3.connect(scene.home.ledger_path)) as ledger, ledger:
        ledger.executemany(
            "UPDATE attempts SET claimed = claimed - ?"
            " WHERE delivery_id = (SELECT id FROM deliveries WHERE phone = ?)",
            [(LIMITS[kind], phone) for phone in old],
        )
    return frozenset(old)


def _strike(scene: Scene, kind: ErrandKind, random: Random, account: Account) -> None:
    """Kill a run in mid-way: its coordinator, or that and its hosts at once."""
    command = order(scene, kind)
    after = random.randint(1, account.messages // 4)
    if command.wait_count("run_started", 1) and command.wait_count("receipt", after):
        time.sleep(random.random() * _SPREAD)
        hosts = scene.hosts() if random.random() < 0.5 else []
        command.kill()
        for host in hosts:
            host.kill()
        scene.wait_alone(PATIENCE)
    command.wait()
    with closing(sqlite3.connect(scene.home.ledger_path)) as ledger:
        ((flying,),) = ledger.execute("SELECT COUNT(*) FROM deliveries WHERE state = 'sending'")
    account.in_flight.append(flying)


def _to_the_end(scene: Scene, kind: ErrandKind, account: Account) -> None:
    for _ in range(5):
        last = order(scene, kind).finish(600.0)
        if last.get("pending") == 0:
            break
    else:
        account.wrong.append(f"it does not come to its end: {last}")
    if last.get("uncertain"):
        sync = scene.sync(_LISTEN)
        assert sync.wait() in (ExitCode.OK, ExitCode.LEFT_OVER), sync.told
    if last.get("exit_code") != (ExitCode.LEFT_OVER if last.get("uncertain") else 1):
        account.wrong.append(f"it ended with {last}")


def _judge(
    scene: Scene, jids: frozenset[str] | set[str], gone: str, old: frozenset[Phone],
    account: Account,
) -> None:  # fmt: skip
    """Compare what the ledger tells of each message with what its phone shows."""
    shown = {
        Phone(entry.phone): entry
        for entry in scene.control.phones.received()
        if entry.device in jids
    }
    with scene.ledger() as ledger:
        campaign = ledger.campaigns.find(scene.campaign.stem)
        assert campaign is not None
        rows = list(ledger.recipients.rows(campaign.id))
        listed = dict(_listed(ledger, campaign.id, account.kind))
    told = {row.phone: _word(row, account.kind) for row in rows}
    done = _DONE[account.kind]
    account.states = Counter(told.values())
    for phone in scene.recipients:
        entry, word = shown[phone], told[phone]
        wanted = "too_old" if phone in old else "failed" if entry.device == gone else done
        if word != wanted and (word, wanted) != ("uncertain", done):
            account.wrong.append(f"{phone}: {word}, and not {wanted}")
        if wrong := _disagreement(entry, word, account.kind):
            account.wrong.append(f"{phone}: {word}, but {wrong}")
        if wanted != done and phone not in listed:
            account.wrong.append(f"{phone}: it could not be, and is not listed")


def _word(row: Recipient, kind: ErrandKind) -> str:
    return (row.recall if kind is ErrandKind.RECALL else row.amend) or "none"


def _listed(ledger: Ledger, campaign: int, kind: ErrandKind) -> Iterable[tuple[Phone, str]]:
    errand = ledger.errands.of(campaign)[kind]
    for phone, _, _, why in ledger.errands.impossible(errand.id):
        yield phone, why or ""


def _disagreement(entry: InboxEntry, word: str, kind: ErrandKind) -> str | None:
    """How a state and what a phone shows contradict each other."""
    times = entry.revoked if kind is ErrandKind.RECALL else entry.edited
    changed = entry.text is None if kind is ErrandKind.RECALL else entry.text == _NEW
    if times > 1:
        return f"its phone was told so {times} times"
    if word == _DONE[kind] and not (times and changed):
        return "its phone still shows it as it was"
    if word in {"too_old", "failed"} and times:
        return "its phone was told so"
    return None
