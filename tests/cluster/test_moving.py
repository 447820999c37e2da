"""A device moves in the middle of an order: real commands and hosts, two homes and a sandbox."""

import time
from pathlib import Path

import pytest

from tests.cluster.test_orders import is_over, until
from tests.kit.machines import Machines, phones_of
from waheal.model import DeviceId, ExitCode
from waheal.records import Device

pytestmark = [pytest.mark.cluster, pytest.mark.real]

ALL = 24
SHOP = DeviceId("paris-1")


def half_pinned(folder: Path) -> Path:
    """Write a campaign whose every other recipient only paris-1 may write to."""
    path = folder / "news.csv"
    pinned = (SHOP if number % 2 == 0 else "" for number in range(ALL))
    rows = [f"{phone},hi,{device}" for phone, device in zip(phones_of(ALL), pinned, strict=True)]
    path.write_text("\n".join(["phone,message,device", *rows]))
    return path


def shop(machines: Machines) -> Device:
    with machines.workspace("paris").ledger(readonly=True) as ledger:
        found = ledger.devices.find(SHOP, time.time())
    assert found is not None
    return found


def test_a_device_goes_over_in_the_middle_of_an_order(machines: Machines) -> None:
    news = half_pinned(machines.folder)
    paris = machines.worker("paris")
    machines.worker("lyon")  # it may be through with all but the device's before it gets that
    ordered = machines.run("paris", "send", news, "--rate", "40/min", "--detach")
    assert ordered.code == ExitCode.OK, ordered.err
    until(machines, lambda: shop(machines).sent_today >= 2)
    held = machines.run("paris", "devices", "move", SHOP, "--to", "lyon")
    assert (held.code, "waheal worker" in held.err) == (ExitCode.HOME_BUSY, True), held.err
    assert paris.end() == 0
    before = shop(machines).sent_today
    moved = machines.run("paris", "devices", "move", SHOP, "--to", "lyon")
    assert moved.code == ExitCode.OK, moved.err
    machines.worker("paris")
    assert not is_over(machines)
    arrived = machines.run("lyon", "devices", "import", f"{SHOP}.session")
    assert arrived.code == ExitCode.OK, arrived.err
    until(machines, lambda: is_over(machines))
    assert machines.arrived(ALL) == [1] * ALL
    after = shop(machines)
    assert (after.machine, after.reason) == ("lyon", None)
    assert after.sent_today == ALL // 2 > before
    told = [log.read_text() for log in machines.folder.glob("*/logs/waheal.log")]
    assert len(told) == 2
    assert not any("replaced by another client" in each for each in told)


@pytest.mark.soak
def test_who_was_through_with_an_order_goes_on_with_a_device_that_comes(
    machines: Machines,
) -> None:
    news = half_pinned(machines.folder)
    paris, lyon = (machines.worker(name) for name in ("paris", "lyon"))
    machines.run("paris", "send", news, "--rate", "20/min", "--detach")
    lyon.wait_for("through with order 1", "exit code 3")
    assert paris.end() == 0
    moved = machines.run("paris", "devices", "move", SHOP, "--to", "lyon")
    assert moved.code == ExitCode.OK, moved.err
    machines.worker("paris").wait_for("through with order 1", "exit code 3")
    arrived = machines.run("lyon", "devices", "import", f"{SHOP}.session")
    assert arrived.code == ExitCode.OK, arrived.err
    until(machines, lambda: is_over(machines))
    assert machines.arrived(ALL) == [1] * ALL
