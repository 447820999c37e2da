"""Follows what arrives at a server, and strikes when the plan says, in a thread of its own."""

import threading
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from tests.kill.crowd.judgement import Struck
from tests.kill.crowd.plan import Blow, Strike
from tests.kill.scene import Command, Scene
from tests.kit.rig import PATIENCE
from waheal.model import Phone
from waheal.sandbox.control import Action, Control, ControlError, FaultKind, FaultOrder

_ACTIONS = {
    Blow.DROP: Action.DROP,
    Blow.REPLACED: Action.REPLACED,
    Blow.STREAM_ERROR: Action.STREAM_ERROR,
    Blow.LOGOUT: Action.LOGOUT,
}
_HOLES = {
    Blow.GONE: FaultKind.SERVER_GONE,
    Blow.DARK: FaultKind.BLACK_HOLE,
    Blow.HOLE: FaultKind.BLACK_HOLE,
}


class Striker:
    """Strikes whoever is due; `failed` tells what it could not do."""

    def __init__(self, scene: Scene, strikes: Sequence[Strike]) -> None:
        self.struck: list[Struck] = []
        self.failed = Counter[str]()
        self.error: Exception | None = None
        self._scene = scene
        self._due = list(strikes)
        self._arrived = 0
        self._command: Command | None = None
        self._killed: Command | None = None  # the latest
        self._striking = threading.Lock()  # guards the command; held while something strikes
        self._over = threading.Event()

    @property
    def left(self) -> Sequence[Strike]:
        """Those whose moment has not come."""
        return self._due

    def finish(self, command: Command, patience: float) -> bool:
        """Let the strikes fall on this command, until it has ended; whether it did so by itself."""
        with self._striking:
            self._command = command
        command.wait(patience)
        with self._striking:  # what has ended it is over, and its last process has ended
            self._command = None
            return self._killed is not command

    def follow(self, control: Control) -> None:
        """Count what arrives, until `end`."""
        try:
            with suppress(ControlError, OSError):  # the server's end is the scene's
                for row in control.watch():
                    if self._over.is_set():
                        return
                    if row["event"] == "arrived":
                        self._arrived += 1
                        self._strike(str(row["device"]), Phone(str(row["phone"])))
        except Exception as error:  # noqa: BLE001 - the main thread tells it
            self.error = error

    def end(self) -> None:
        self._over.set()

    def _strike(self, jid: str, phone: Phone) -> None:
        while self._due and self._due[0].after <= self._arrived:
            with self._striking:
                command = self._command
                if command is None or not self._scene.hosts():
                    return  # nothing is under way: it strikes with the next run's first arrival
                self._fall(self._due.pop(0), command, jid, phone)

    def _fall(self, strike: Strike, command: Command, jid: str, phone: Phone) -> None:
        began = time.time()
        if strike.blow.kills:
            self._kill(strike, command)
            self.struck.append(Struck(strike, began, time.time()))
            return
        device = "" if strike.blow.cuts else jid
        try:
            self._tell(strike, device)
        except ControlError as error:  # it has gone meanwhile
            self.failed[f"{strike.blow}: {str(error).partition(':')[0]}"] += 1
            return
        over = time.time() + strike.seconds
        self.struck.append(Struck(strike, began, over, device, phone if device else None))

    def _tell(self, strike: Strike, device: str) -> None:
        control = self._scene.control
        if (kind := _HOLES.get(strike.blow)) is not None:
            control.faults.order(FaultOrder(kind, device=device, seconds=strike.seconds))
        else:
            control.devices.act(device, _ACTIONS[strike.blow], strike.code)

    def _kill(self, strike: Strike, command: Command) -> None:
        hosts = self._scene.hosts()
        if strike.blow is Blow.HOST:
            before = len(command.named("host_restarted"))
            hosts[min(len(hosts) - 1, int(strike.part * len(hosts)))].kill()
            command.wait_count("host_restarted", before + 1, PATIENCE)
            return
        self._killed = command
        command.kill()
        for host in hosts if strike.blow is Blow.ALL else []:
            host.kill()
        self._scene.wait_alone(PATIENCE)


@contextmanager
def striking(scene: Scene, strikes: Sequence[Strike]) -> Iterator[Striker]:
    """Strike for as long as the block runs."""
    striker = Striker(scene, strikes)
    threading.Thread(target=striker.follow, args=[scene.control], daemon=True).start()
    try:
        yield striker
    finally:
        striker.end()
