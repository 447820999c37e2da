"""Signals: to the coordinator, its hosts, their look-up processes, the server, and to all."""

import signal
import time

from tests.kill.disasters.disaster import RECEIPT, SEAL, Disaster
from tests.kill.disasters.ordeal import Ordeal
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode
from waheal.sandbox.control import Action

_FROZEN = 2.0  # seconds: here the time that passes is the disaster itself


def coordinator_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst("--hosts", "2")
    run.kill()
    ordeal.scene.wait_alone(PATIENCE)
    run.wait()


def host_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst("--hosts", "2")
    ordeal.random.choice(ordeal.scene.hosts()).kill()
    assert run.wait_count("host_restarted", 1), run.told
    ordeal.ends(run, ExitCode.OK, ExitCode.LEFT_OVER)


def lookups_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    ordeal.strike(ordeal.processes("waheal.host.lookup"), signal.SIGKILL)
    ordeal.control.devices.act(ordeal.control.devices.linked()[0].jid, Action.REPLACED)
    ordeal.ends(run, ExitCode.OK, ExitCode.LEFT_OVER)


def lookups_and_coordinator_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    ordeal.strike(ordeal.processes("waheal.host.lookup"), signal.SIGKILL)
    ordeal.goes_on(run)
    run.kill()
    ordeal.scene.wait_alone(PATIENCE)
    run.wait()


def all_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst("--hosts", "2")
    everything = ordeal.scene.processes()
    ordeal.strike(everything, signal.SIGSTOP)  # so that nobody outlives another
    ordeal.strike(everything, signal.SIGKILL)
    run.wait()


def server_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    ordeal.scene.server.stop(signal.SIGKILL)
    ordeal.scene.server.start()
    ordeal.ends(run, ExitCode.OK, ExitCode.LEFT_OVER)


def everything_and_the_server_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    ordeal.strike(ordeal.scene.processes(), signal.SIGKILL)
    ordeal.scene.server.stop(signal.SIGKILL)
    run.wait()
    ordeal.scene.server.start()


def host_frozen(ordeal: Ordeal) -> None:
    run = ordeal.midst("--hosts", "2")
    frozen = ordeal.scene.hosts()[:1]
    ordeal.strike(frozen, signal.SIGSTOP)
    time.sleep(_FROZEN)
    ordeal.strike(frozen, signal.SIGCONT)
    ordeal.ends(run, ExitCode.OK)


def coordinator_frozen(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    run.kill(signal.SIGSTOP)
    time.sleep(_FROZEN)
    run.kill(signal.SIGCONT)
    ordeal.ends(run, ExitCode.OK)


def all_frozen(ordeal: Ordeal) -> None:
    """As a laptop's lid does it."""
    run = ordeal.midst()
    everything = ordeal.scene.processes()
    ordeal.strike(everything, signal.SIGSTOP)
    time.sleep(_FROZEN)
    ordeal.strike(everything, signal.SIGCONT)
    ordeal.ends(run, ExitCode.OK)


def killed_while_frozen(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    frozen = ordeal.scene.hosts()
    ordeal.strike(frozen, signal.SIGSTOP)
    ordeal.strike(frozen, signal.SIGKILL)
    assert run.wait_count("host_restarted", 1), run.told
    ordeal.ends(run, ExitCode.OK, ExitCode.LEFT_OVER)


def asked_twice(ordeal: Ordeal) -> None:
    run = ordeal.midst("--hosts", "2")
    run.kill(signal.SIGTERM)
    run.kill(signal.SIGTERM)
    ordeal.ends(run, ExitCode.INTERRUPTED)


def asked_three_times(ordeal: Ordeal) -> None:
    """The third request does not wait: it ends as a kill would."""
    run = ordeal.midst()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        run.kill(number)
    ordeal.ends(run, ExitCode.INTERRUPTED)
    ordeal.scene.wait_alone(PATIENCE)


def resume_killed(ordeal: Ordeal) -> None:
    """The run is killed, and so is the next one, while it settles what the first one left."""
    coordinator_killed(ordeal)
    second = ordeal.send()
    assert second.wait_count("run_started", 1), second.told
    second.kill()
    ordeal.scene.wait_alone(PATIENCE)
    second.wait()


PROCESSES = (
    Disaster("coordinator-killed", coordinator_killed, (RECEIPT,)),
    Disaster("host-killed", host_killed, (RECEIPT,)),
    Disaster("lookups-killed", lookups_killed, (RECEIPT,)),
    Disaster("lookups-and-coordinator-killed", lookups_and_coordinator_killed, (RECEIPT, SEAL)),
    Disaster("all-killed", all_killed, (RECEIPT, SEAL)),
    Disaster("server-killed", server_killed, (RECEIPT,)),
    Disaster("all-and-server-killed", everything_and_the_server_killed, (RECEIPT, SEAL)),
    Disaster("host-frozen", host_frozen),
    Disaster("coordinator-frozen", coordinator_frozen),
    Disaster("all-frozen", all_frozen),
    Disaster("host-killed-while-frozen", killed_while_frozen, (RECEIPT,)),
    Disaster("asked-twice", asked_twice, (RECEIPT,)),
    Disaster("asked-three-times", asked_three_times, (RECEIPT, SEAL)),
    Disaster("resume-killed", resume_killed, (RECEIPT,)),
)
