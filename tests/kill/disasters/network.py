"""The network and its other end: gone, slow, cut, replaced, and devices that are thrown out."""

from collections.abc import Callable

from tests.kill.disasters.disaster import IDENTITY, RECEIPT, Disaster
from tests.kill.disasters.ordeal import DEVICES, Ordeal
from tests.kit.rig import PATIENCE
from waheal.model import ExitCode
from waheal.sandbox.control import Action, FaultKind, FaultOrder
from waheal.sandbox.credentials import Credentials

_ENDS = (ExitCode.OK, ExitCode.LEFT_OVER)
_LABELS = tuple(f"d{number}" for number in range(DEVICES))


def ordered(*orders: FaultOrder) -> Callable[[Ordeal], None]:
    """Let the server do these in mid-send."""

    def befall(ordeal: Ordeal) -> None:
        run = ordeal.midst()
        for order in orders:
            ordeal.control.faults.order(order)
        ordeal.ends(run, *_ENDS)

    return befall


def slow(ordeal: Ordeal) -> None:
    ordeal.control.faults.order(FaultOrder(FaultKind.SLOW_ACK, count=DEVICES, seconds=6.0))
    ordeal.ends(ordeal.midst(), ExitCode.OK)


def server_gone_while_killed(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    ordeal.control.faults.order(FaultOrder(FaultKind.SERVER_GONE, seconds=3.0))
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)


def certificate_changed(ordeal: Ordeal) -> None:
    """The server comes back with another authority: the run's hosts trust it no more."""
    run = ordeal.midst()
    server = ordeal.scene.server
    server.stop()
    another = server.state.with_name("another")
    Credentials.load(another)
    for name in ("ca.pem", "ca.key"):
        (another / name).replace(server.state / name)
    server.start()
    ordeal.goes_on(run, 1)
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)


def all_logged_out(ordeal: Ordeal) -> None:
    """Every phone unlinks its device; each is paired again afterwards, under its label."""
    run = ordeal.midst("--senders", "2")
    for device in ordeal.control.devices.linked():
        ordeal.control.devices.act(device.jid, Action.LOGOUT)
    ordeal.ends(run, ExitCode.NO_DEVICE, ExitCode.LEFT_OVER)
    pair(ordeal, *_LABELS)


def pair(ordeal: Ordeal, *labels: str) -> None:
    """Pair these labels, their phones scanning what is shown."""
    for label in labels:
        pairing = ordeal.attached("devices", "pair", label)
        assert pairing.wait_count("qr", 1), pairing.told
        ordeal.control.phones.scan(str(pairing.named("qr")[0]["code"]))
        ordeal.ends(pairing, ExitCode.OK)


def one_banned(ordeal: Ordeal) -> None:
    """One device is thrown off and not let in again; the others send the rest."""
    run = ordeal.midst()
    banned, *_ = ordeal.control.devices.linked()
    order = FaultOrder(
        FaultKind.LOGIN_FAILURE, device=banned.jid, count=None, code=402, expire=3600
    )
    ordeal.control.faults.order(order)
    ordeal.control.devices.act(banned.jid, Action.DROP)
    ordeal.ends(run, *_ENDS)
    ordeal.control.faults.clear()
    ordeal.ends(ordeal.command("devices", "resume", *_LABELS), ExitCode.OK)


def replaced(ordeal: Ordeal) -> None:
    """Another client logs in with each device's keys, once and again."""
    run = ordeal.midst()
    for _ in range(2):
        for device in ordeal.control.devices.linked():
            ordeal.control.devices.act(device.jid, Action.REPLACED)
        ordeal.goes_on(run, 1)
    ordeal.ends(run, *_ENDS)
    ordeal.ends(ordeal.command("devices", "resume", *_LABELS), ExitCode.OK)


_BOTH = (
    FaultOrder(FaultKind.DROP_BEFORE, count=4),
    FaultOrder(FaultKind.DROP_AFTER, count=4),
)

NETWORK = (
    Disaster("server-gone", ordered(FaultOrder(FaultKind.SERVER_GONE, seconds=3.0)), (RECEIPT,)),
    Disaster("server-gone-while-killed", server_gone_while_killed, (RECEIPT,)),
    Disaster("connections-reset", ordered(*_BOTH), (RECEIPT,)),
    Disaster("black-hole", ordered(FaultOrder(FaultKind.BLACK_HOLE, seconds=3.0)), (RECEIPT,)),
    Disaster("server-slow", slow),
    Disaster(
        "stream-errors",
        ordered(FaultOrder(FaultKind.STREAM_ERROR, count=4, code=503, delivered=True)),
        (RECEIPT,),
    ),
    Disaster("certificate-changed", certificate_changed, (RECEIPT,)),
    Disaster("all-logged-out", all_logged_out, (RECEIPT, IDENTITY)),
    Disaster("one-banned", one_banned, (RECEIPT,)),
    Disaster("replaced", replaced, (RECEIPT,)),
)
