"""Homes that share a ledger in PostgreSQL, each with a way of its own there that can be cut."""

import csv
import os
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.kill.scene import MARK, Command, Line, marked, until
from tests.kit import postgres
from tests.kit.numbers import recipients as numbers
from tests.kit.power import cut_power
from tests.kit.proxy import Proxy
from tests.kit.rig import PATIENCE
from tests.kit.rig import Server as Sandbox
from waheal.acts.attaching import provision
from waheal.engine.collect import probe
from waheal.model import DeviceId, ExitCode, Phone, State
from waheal.records import Tally
from waheal.store.home import Home
from waheal.store.ledger import Ledger
from waheal.wire import HostSettings

NAMES = "abcdefgh"

_ATTEMPTS = """
SELECT d.phone, a.ended IS NULL FROM attempts a
  JOIN deliveries d ON d.id = a.delivery_id JOIN machines m ON m.id = a.machine
"""
_TAKEN = """
SELECT 1 FROM pg_locks l JOIN machines m ON m.id = l.objid::bigint
 WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1
   AND l.classid = 'machines'::regclass::oid
"""


@dataclass
class Machine:
    """A home, its way to the ledger, and the commands that sent from it; the last may live."""

    name: str
    home: Home
    proxy: Proxy
    commands: list[Command] = field(default_factory=list)

    @property
    def command(self) -> Command:
        return self.commands[-1]

    @property
    def lives(self) -> bool:
        return self.command.process.poll() is None

    def told(self, event: str) -> list[Line]:
        """Give what its commands told of an event of its own, from the first on."""
        lines = (line for command in self.commands for line in command.named(event))
        return [line for line in lines if line.get("machine") in {None, self.name}]

    def cut_power(self) -> None:
        """End its command with all its hosts at once, and hear what that had told."""
        cut_power(self.command.pid)
        self.command.wait()


@dataclass
class Cluster:
    """What shares one ledger, one campaign and one sandbox."""

    sandbox: Sandbox
    server: postgres.Server
    url: str
    mark: str
    file: Path
    recipients: tuple[Phone, ...]
    machines: list[Machine] = field(default_factory=list)

    def send(self, machine: Machine, *words: str) -> Command:
        """Start `waheal send` on a machine; the same words make it take part in the same order."""
        command = Command(
            [
                "send", str(self.file), "--trust", str(self.sandbox.trust_file),
                "--home", str(machine.home.root), "--ledger", machine.proxy.url,
                "--json", *words,
            ],
            {**os.environ, MARK: self.mark},
            apart=True,
        )  # fmt: skip
        machine.commands.append(command)
        return command

    @contextmanager
    def ledger(self) -> Iterator[Ledger]:
        """Look into the ledger, by a way that nothing befalls."""
        with Ledger.open(self.machines[0].home, at=self.url, readonly=True) as ledger:
            yield ledger

    def tally(self) -> Tally:
        with self.ledger() as ledger:
            campaign = ledger.campaigns.find(self.file.stem)
            return Tally() if campaign is None else ledger.campaigns.tally(campaign.id)

    def states(self) -> dict[Phone, State]:
        with self.ledger() as ledger:
            campaign = ledger.campaigns.find(self.file.stem)
            assert campaign is not None
            return {row.phone: row.state for row in ledger.recipients.rows(campaign.id)}

    def wait_let_go(self, machine: Machine) -> None:
        """Wait until the server is through with whatever a machine that is gone had begun there."""
        taken = f"{_TAKEN} AND m.name = '{machine.name}'"
        until(lambda: not self.server.do(taken), PATIENCE, f"the server holds {machine.name}")

    def claimed_by(self, machine: Machine) -> tuple[set[Phone], set[Phone]]:
        """Tell whom a machine has in hand, and whom it is through with, as the ledger has it."""
        rows = self.server.do(f"{_ATTEMPTS} WHERE m.name = '{machine.name}'")
        open_ones = {Phone(str(phone)) for phone, is_open in rows if is_open}
        return open_ones, {Phone(str(phone)) for phone, is_open in rows if not is_open}

    def shown(self) -> dict[Phone, int]:
        """How often each phone was shown its text; stanzas that came again count."""
        shown: dict[Phone, int] = {}
        for message in self.sandbox.control.phones.received():
            phone = Phone(message.phone)
            if message.text == self.text(phone):
                shown[phone] = shown.get(phone, 0) + message.delivered
        return shown

    def text(self, phone: Phone) -> str:
        return f"{self.mark} to {phone}"


@contextmanager
def cluster(root: Path, *, machines: int, devices: int, recipients: int) -> Iterator[Cluster]:
    """Set up so many machines of so many devices each; end all of it afterwards."""
    with ExitStack() as stack:
        sandbox = Sandbox(root / "sandbox")
        stack.callback(sandbox.stop)
        server = stack.enter_context(postgres.durable_server())
        mark = secrets.token_hex(4)
        phones = tuple(numbers(recipients))
        made = Cluster(sandbox, server, server.url, mark, root / "campaign.csv", phones)
        for name in NAMES[:machines]:
            home = Home.open(root / name, create=True)
            if made.machines:  # one key for all, by the operator's hand
                shutil.copy(made.machines[0].home.key_path, home.key_path)
            proxy = stack.enter_context(Proxy(server.url))
            if not made.machines:
                _made(made, home)
            made.machines.append(Machine(name, home, proxy))
            _join(made, home, name, [DeviceId(f"{name}{number}") for number in range(devices)])
        with made.file.open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["phone", "message"])
            rows.writerows([phone, made.text(phone)] for phone in phones)
        try:
            yield made
        finally:
            for process in marked(mark):
                process.kill()
            until(lambda: not [*marked(mark)], PATIENCE, "its processes live")
            for command in (each for machine in made.machines for each in machine.commands):
                command.wait()  # which lets go of its pipes, whoever killed it


def _made(made: Cluster, home: Home) -> None:
    """Make the ledger, and what orders lie in."""
    words = ["cluster", "init", "--home", str(home.root), "--ledger", made.url, "--json"]
    init = Command(words, {**os.environ, MARK: made.mark})
    assert init.wait() == ExitCode.OK, init.told


def _join(made: Cluster, home: Home, name: str, labels: Sequence[DeviceId]) -> None:
    probe(home, HostSettings(trust=made.sandbox.trust))
    with Ledger.open(home, at=made.url) as ledger:
        ledger.machines.join(name)
        ledger.bind(made.sandbox.trust.noise_root)
        provision(home, ledger, made.sandbox.control, [*labels])
