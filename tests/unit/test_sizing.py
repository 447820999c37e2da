"""How a run is sized by its devices, and by what the machine bears."""

from pathlib import Path

import pytest

from waheal.acts.orders import SendOrder
from waheal.acts.wishes import Machinery
from waheal.errors import UsageError
from waheal.sizing import Machine, Sizes, sizes, this_machine
from waheal.wire import HostSettings

TWO_CORES = Machine(cores=2)


@pytest.mark.parametrize(
    ("devices", "cores", "hosts"),
    [(0, 2, 1), (1, 8, 1), (1_000, 8, 1), (1_001, 8, 2), (3_000, 8, 3), (3_000, 2, 2)],
)
def test_a_host_for_each_thousand_devices_while_there_are_cores(
    devices: int, cores: int, hosts: int
) -> None:
    assert sizes(devices, Machine(cores)).hosts == hosts


def test_every_device_is_open_at_once_where_the_machine_bears_it() -> None:
    assert sizes(3_000, TWO_CORES).max_open == 3_000


@pytest.mark.parametrize(
    ("machine", "most"),
    [
        (Machine(cores=2, descriptors=4_096), 2 * 779),  # of each host
        (Machine(cores=2, threads=1_500), 1_300),
        (Machine(cores=2, memory=1 << 30), 926),
        (Machine(cores=2, descriptors=64, threads=64, memory=0), 2),  # one each at the least
    ],
)
def test_the_scarcest_limit_says_how_many_are_open_at_once(machine: Machine, most: int) -> None:
    assert sizes(3_000, machine).max_open == most


def test_more_hosts_share_the_threads_since_the_session_database_has_one_writer() -> None:
    assert sizes(50, Machine(64)) == Sizes(hosts=1, senders=16, connects=16, max_open=50)
    many = sizes(3_000, Machine(64), hosts=4)
    assert (many.senders, many.connects) == (8, 4)
    assert sizes(60_000, Machine(64)).senders == 4


def test_what_the_operator_says_stays() -> None:
    assert sizes(3_000, TWO_CORES, hosts=5, senders=7, max_open=11) == Sizes(5, 7, 4, 11)
    asked = Machinery(senders="7", hosts=5, max_open=" 11 ")
    assert asked.settings(HostSettings(), 3_000) == HostSettings(senders=7, connects=4, max_open=11)


@pytest.mark.parametrize("text", ["0", "-1", "many", "", "1.5"])
def test_what_is_no_number_is_refused_before_anything_happens(text: str) -> None:
    with pytest.raises(UsageError, match="--hosts"):
        SendOrder(Path("a.csv"), machinery=Machinery(hosts=text)).settings()


def test_this_machine_is_read() -> None:
    found = this_machine()
    assert found.cores >= 1
    assert found.memory is None or found.memory > 0
    assert sizes(1, found).max_open == 1
