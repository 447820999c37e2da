"""Other commands beside the run: those that may work do, the others name who holds the home."""

import shutil
import time

from tests.kill.disasters.disaster import RECEIPT, Disaster
from tests.kill.disasters.network import pair
from tests.kill.disasters.ordeal import Ordeal
from tests.kill.scene import Command
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode
from waheal.sandbox.control import FaultKind, FaultOrder

_LONG = FaultOrder(FaultKind.SLOW_ACK, count=None, seconds=2.5)  # asked before the usual one


def _lasting(ordeal: Ordeal) -> Command:
    """Begin a run that outlasts the start of another command; `_LONG` is cleared afterwards."""
    ordeal.control.faults.order(_LONG)
    return ordeal.midst()


def _refused(ordeal: Ordeal, run: Command, beside: Command) -> None:
    """See it refused, with the name of who holds the home."""
    ordeal.ends(beside, ExitCode.HOME_BUSY)
    assert str(run.pid) in beside.told + "".join(beside.output), beside.told


def two_runs(ordeal: Ordeal) -> None:
    run = _lasting(ordeal)
    for second in [ordeal.send() for _ in range(3)]:
        _refused(ordeal, run, second)
    ordeal.control.faults.clear()
    ordeal.ends(run, ExitCode.OK)


def devices_removed(ordeal: Ordeal) -> None:
    run = _lasting(ordeal)
    _refused(ordeal, run, ordeal.attached("devices", "remove", "d0"))
    ordeal.control.faults.clear()
    ordeal.ends(run, ExitCode.OK)


def device_paired(ordeal: Ordeal) -> None:
    """A pairing works beside a run, also beside one that is killed."""
    run = ordeal.midst("--senders", "1")
    pair(ordeal, "another")
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)


def paired_after_a_kill(ordeal: Ordeal) -> None:
    """A pairing writes the session database: what was killed is settled before."""
    run = ordeal.midst()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    pair(ordeal, "another")


def suppressed(ordeal: Ordeal) -> None:
    """The last of the file opt out; whoever was not written to half a second later never is."""
    run = ordeal.midst("--senders", "1")
    last = ordeal.scene.recipients[-4:]
    ordeal.excused |= {*last}
    ordeal.ends(ordeal.command("suppress", "add", *last), ExitCode.OK)
    time.sleep(1.0)  # the known limit is half of it
    had = len({message.phone for message in ordeal.control.phones.received()} & {*last})
    ordeal.ends(run, ExitCode.OK)
    now = len({message.phone for message in ordeal.control.phones.received()} & {*last})
    assert now == had, f"{now - had} were written to after they had opted out"


def resolved(ordeal: Ordeal) -> None:
    run = _lasting(ordeal)
    _refused(ordeal, run, ordeal.command("resolve", ordeal.scene.campaign.stem, "--resend"))
    ordeal.control.faults.clear()
    ordeal.ends(run, ExitCode.OK)


def doctored(ordeal: Ordeal) -> None:
    run = _lasting(ordeal)
    _refused(ordeal, run, ordeal.attached("doctor", "--fix"))
    ordeal.control.faults.clear()
    ordeal.ends(run, ExitCode.OK)


def devices_imported(ordeal: Ordeal) -> None:
    """A copy of the very database that the run uses."""
    sessions = ordeal.scene.home.sessions_path
    copy = ordeal.scene.campaign.with_name("copy.db")
    run = _lasting(ordeal)
    shutil.copy2(sessions, copy)
    _refused(ordeal, run, ordeal.attached("devices", "import", str(copy)))
    ordeal.control.faults.clear()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    again = ordeal.attached("devices", "import", str(copy))
    ordeal.ends(again, ExitCode.OK)


def paused_and_resumed(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    ordeal.ends(ordeal.command("devices", "pause", "d0", "d1", "d2"), ExitCode.OK)
    ordeal.ends(ordeal.command("devices", "resume", "d0", "d1", "d2"), ExitCode.OK)
    ordeal.ends(run, ExitCode.OK, ExitCode.LEFT_OVER, ExitCode.NO_DEVICE)


BESIDE = (
    Disaster("two-runs", two_runs),
    Disaster("device-removed-beside", devices_removed),
    Disaster("device-paired-beside", device_paired, (RECEIPT,)),
    Disaster("device-paired-after-a-kill", paired_after_a_kill, (RECEIPT,)),
    Disaster("suppressed-beside", suppressed),
    Disaster("resolved-beside", resolved),
    Disaster("doctored-beside", doctored),
    Disaster("devices-imported-beside", devices_imported, (RECEIPT,)),
    Disaster("devices-paused-beside", paused_and_resumed),
)
