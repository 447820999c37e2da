"""Sends a campaign from several homes whose links to the ledger are cut in every way.

One of them loses its power now and then, with all that it has in flight, and is started again.
"""

import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from pathlib import Path
from random import Random

from tests.kill.harness import disagreement
from tests.kill.links.machines import Cluster, Machine, cluster
from tests.kill.scene import Command, until
from tests.kit.proxy import Mood
from waheal.model import ExitCode, Phone, State
from waheal.sandbox.control import FaultKind, FaultOrder

_DEVICES = 8  # a machine
_GAP = "3s"  # between two messages of a device: so the campaign lasts for as long as its strikes
_DOWN = 3.0  # seconds without a server
_HOLE = 12.0  # seconds in which all is swallowed: it is noticed after ten
_SLOW = 1.0  # seconds for an ack where a machine is to be killed with messages in flight
_BACK = 90.0  # seconds for a run to tell that its ledger is back, on a busy machine
_ENDS = (ExitCode.OK, ExitCode.LEFT_OVER)  # what is left, another has in hand


class Blow(StrEnum):
    """What befalls a machine, its link, or the server."""

    CUT = "cut"
    COMMIT = "cut at COMMIT"
    HOLE = "black hole"
    RESTART = "restart of the server"
    KILL = "SIGKILL of a machine"


BLOWS = Counter({Blow.CUT: 50, Blow.COMMIT: 10, Blow.HOLE: 3, Blow.RESTART: 2, Blow.KILL: 4})
"""What a campaign of 1,000 messages over two machines is to bear."""


@dataclass
class Account:
    """What one campaign did and met."""

    seed: int
    messages: int
    machines: int
    blows: Counter[str] = field(default_factory=Counter)
    states: Counter[str] = field(default_factory=Counter)
    back: dict[Blow, list[float]] = field(default_factory=dict)
    """Seconds from the link to the next message's end."""
    in_hand: list[set[Phone]] = field(default_factory=list)  # of a machine when it was killed
    untold: set[Phone] = field(default_factory=set)  # it was through with them, and killed then
    codes: list[int] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def lines(self) -> Iterable[str]:
        struck = ", ".join(f"{count} {blow}" for blow, count in sorted(self.blows.items()))
        yield (
            f"seed {self.seed}: {self.messages:,} messages over {self.machines} machines,"
            f" {self.seconds:.0f} s; struck: {struck}"
        )
        yield f"    {dict(self.states)}; commands ended with {self.codes}"
        for name, took in [("all", [*chain(*self.back.values())]), *sorted(self.back.items())]:
            if back := sorted(took):
                yield (
                    f"    from the link to the next message's end, {name}: median"
                    f" {back[len(back) // 2]:.2f} s, p95 {back[int(len(back) * 0.95)]:.2f} s,"
                    f" at most {back[-1]:.2f} s"
                )
        if self.in_hand:
            yield f"    in hand at each SIGKILL: {[len(each) for each in self.in_hand]}"
        for wrong in self.wrong:
            yield f"    WRONG: {wrong}"


def links_run(
    root: Path, seed: int, blows: Counter[Blow], *, messages: int = 1_000, machines: int = 2
) -> Account:
    """Send, strike so often, send what is left, and judge it by what the phones have."""
    began = time.monotonic()
    random = Random(seed)  # noqa: S311 - to be repeated, no secret
    account = Account(seed, messages, machines)
    with cluster(root, machines=machines, devices=_DEVICES, recipients=messages) as made:
        _start(made)
        _strike_all(made, [*blows.elements()], random, account)
        for machine in made.machines:
            _end(machine, account)
        _to_the_end(made, account)
        _judge(made, account)
    account.seconds = time.monotonic() - began
    return account


def _start(made: Cluster) -> None:
    """Let all machines begin; before their runs have, a lost ledger ends a command."""
    commands = [_send(made, machine) for machine in made.machines]
    for command in commands:
        assert command.wait_count("run_started", 1), command.told


def _send(made: Cluster, machine: Machine) -> Command:
    return made.send(machine, "--gap", _GAP)


def _strike_all(made: Cluster, blows: list[Blow], random: Random, account: Account) -> None:
    """Strike as the campaign goes on: after each share of its messages once."""
    random.shuffle(blows)
    share = account.messages / (len(blows) + 1)
    for number, blow in enumerate(blows, start=1):
        wanted = int(number * share)
        until(
            lambda wanted=wanted: _settled(made) >= wanted or not _lively(made),  # type: ignore[misc]
            300.0,
            f"{wanted} messages",
        )
        if not (lively := _lively(made)):
            account.wrong.append(f"all was over after {number - 1} of {len(blows)} blows")
            return
        time.sleep(random.random() * 0.1)  # anywhere in a turn
        struck = lively if blow is Blow.RESTART else [random.choice(lively)]
        _strike(made, blow, struck, random, account)


def _strike(
    made: Cluster, blow: Blow, struck: list[Machine], random: Random, account: Account
) -> None:
    back = "run_started" if blow is Blow.KILL else "resumed"
    before = {machine.name: _count(machine, back) for machine in struck}
    _do(made, blow, struck, random, account)
    account.blows[blow] += 1
    since = time.monotonic()
    settled = {machine.name: _count(machine, "settled") for machine in struck}
    for machine in struck:
        until(
            lambda machine=machine: (  # type: ignore[misc]
                _count(machine, back) > before[machine.name] or not machine.lives
            ),
            _BACK,
            f"{machine.name} is not back after a {blow}",
        )
        until(
            lambda machine=machine: (  # type: ignore[misc]
                _count(machine, "settled") > settled[machine.name] or not machine.lives
            ),
            _BACK,
            f"{machine.name} sends nothing after a {blow}",
        )
        if machine.lives and blow is not Blow.KILL:
            account.back.setdefault(blow, []).append(time.monotonic() - since)


def _do(made: Cluster, blow: Blow, struck: list[Machine], random: Random, account: Account) -> None:
    """Let it befall them; the link may be made again once this is over."""
    proxy = struck[0].proxy
    match blow:
        case Blow.CUT:
            proxy.cut()
        case Blow.COMMIT:
            cut = proxy.commits_cut
            proxy.cut_at_commit()
            until(lambda: proxy.commits_cut > cut or not struck[0].lives, _BACK, "nothing commits")
        case Blow.HOLE:
            proxy.mood = Mood.SWALLOW
            time.sleep(_HOLE)
            proxy.mood = Mood.PASS
        case Blow.RESTART:
            made.server.stop()
            time.sleep(_DOWN)
            made.server.start()
        case Blow.KILL:
            _kill(made, struck[0], random, account)


def _kill(made: Cluster, machine: Machine, random: Random, account: Account) -> None:
    """Let a machine lose its power in mid-send, and start it again; its home was kept."""
    slow = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=_SLOW)
    made.sandbox.control.faults.order(slow)
    until(
        lambda: bool(made.claimed_by(machine)[0]) or not machine.lives, _BACK, "nothing in flight"
    )
    time.sleep(random.random() * _SLOW)  # anywhere between claim and ack, of several messages
    machine.cut_power()
    made.wait_let_go(machine)
    in_hand, through = made.claimed_by(machine)
    account.in_hand.append(in_hand)
    account.untold |= through - {Phone(str(line["phone"])) for line in machine.told("settled")}
    made.sandbox.control.faults.clear()
    _send(made, machine)


def _count(machine: Machine, event: str) -> int:
    return len(machine.told(event))


def _lively(made: Cluster) -> list[Machine]:
    return [each for each in made.machines if each.lives]


def _settled(made: Cluster) -> int:
    return sum(_count(each, "settled") for each in made.machines)


def _end(machine: Machine, account: Account) -> None:
    last = machine.command.finish(300.0)
    code = machine.command.process.returncode
    account.codes.append(code)
    if last.get("event") != "run_finished" or code not in _ENDS:
        account.wrong.append(f"{machine.name} ended with {code}: {machine.command.told[-400:]}")


def _to_the_end(made: Cluster, account: Account) -> None:
    """Send what is left, without blows: what one waited for when the other had it in hand."""
    for machine in made.machines:
        if made.tally()[State.PENDING]:
            made.send(machine)
            _end(machine, account)


def _judge(made: Cluster, account: Account) -> None:
    """Compare the ledger with the phones, and with what the runs told."""
    states, shown = made.states(), made.shown()
    account.states = Counter(state.value for state in states.values())
    sent, arrived = _told(made)
    may_be_in_doubt = set[Phone]().union(*account.in_hand)
    for phone in made.recipients:
        if word := disagreement(states.get(phone), shown.get(phone, 0)):
            account.wrong.append(f"{phone}: {word}")
        if states.get(phone) is State.UNCERTAIN:
            if phone not in may_be_in_doubt:
                account.wrong.append(f"{phone}: is uncertain, and was in no killed machine's hand")
            continue
        if sent[phone] > 1 or not (sent[phone] or phone in arrived | account.untold):
            account.wrong.append(f"{phone}: was told {sent[phone]} times as sent")


def _told(made: Cluster) -> tuple[Counter[Phone], set[Phone]]:
    """Count how often each was told as sent, and tell whose receipt was told."""
    sent, arrived = Counter[Phone](), set[Phone]()
    for machine in made.machines:
        sent.update(
            Phone(str(each["phone"]))
            for each in machine.told("settled")
            if each["state"] == State.SENT
        )
        arrived |= {Phone(str(each["phone"])) for each in machine.told("receipt")}
    return sent, arrived
