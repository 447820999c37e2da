"""Limits over all machines, by three that send at once, as the phones see it."""

from collections import Counter

import pytest

from tests.cluster.test_orders import claims
from tests.kit.machines import Machines, campaign
from waheal.identity import same_person
from waheal.model import Phone

pytestmark = [pytest.mark.cluster, pytest.mark.soak, pytest.mark.real]

NAMES = ("paris", "lyon", "nice")
RATE, ALL = 20, 50
MINUTE = 60.0
PATIENCE = 900.0

# Each under both of the spellings that its country has.
SPELLINGS = [(f"+5255123456{number:02}", f"+52155123456{number:02}") for number in range(10, 22)]


def most_in_a_minute(machines: Machines) -> int:
    """Find the fullest minute of all that reached the server."""
    times = sorted(each.at for each in machines.sandbox.phones.received())
    return max(sum(since <= at < since + MINUTE for at in times) for since in times)


@pytest.mark.parametrize(
    ("off", "manner"), [((0, 0, 0), ()), ((300, -300, 0), ("--burst",))], ids=["spread", "off"]
)
def test_no_minute_has_more_than_the_rate_of_all(
    three_machines: Machines, off: tuple[int, ...], manner: tuple[str, ...]
) -> None:
    """Also where the clock of one machine is five minutes ahead, and another's is behind."""
    machines = three_machines
    news = campaign(machines.folder, "news", ALL)
    for name, ahead in zip(NAMES, off, strict=True):
        machines.worker(name, ahead=ahead)
    sent = machines.begin("paris", "send", news, "--rate-total", f"{RATE}/min", *manner)
    assert sent.wait(PATIENCE) == 0
    assert machines.arrived(ALL) == [1] * ALL
    assert 1 < most_in_a_minute(machines) <= RATE
    assert all(claims(machines).values())


def test_one_person_is_written_to_as_often_as_allowed_whatever_their_number_and_the_campaign(
    three_machines: Machines,
) -> None:
    """Each machine has a campaign of its own, of the same people; some in other spellings."""
    machines = three_machines
    files = []
    for place, name in enumerate(NAMES):
        files.append(machines.folder / f"{name}.csv")
        rows = [f"{pair[place % 2]},from {name}" for pair in SPELLINGS]
        files[-1].write_text("\n".join(["phone,message", *rows]))
    sends = [
        machines.begin(name, "send", file, "--per-recipient", "2/7d", "--rate", "60/min")
        for name, file in zip(NAMES, files, strict=True)
    ]
    assert {each.wait(PATIENCE) for each in sends} <= {0, 3}
    got = Counter(
        same_person(Phone(each.phone))
        for each in machines.sandbox.phones.received()
        for _ in range(each.delivered)
    )
    assert got == {same_person(Phone(pair[0])): 2 for pair in SPELLINGS}
