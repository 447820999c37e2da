"""The way of a message, as waheal/README.md tells it, is the way that a message takes."""

import re
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from tests.contract.fake import FakeWorld
from tests.kit.ledgers import ONE
from tests.kit.readme import section
from tests.kit.sends import make_send
from tests.kit.stage import FakeHost, stage
from waheal.acts.enrolling import FileRows, enroll
from waheal.campaign.campaign_file import open_campaign_file
from waheal.campaign.choices import Choices
from waheal.host.arrivals import Arrivals
from waheal.host.cache import ClientCache
from waheal.host.cache_settings import CacheSettings
from waheal.host.replies import Replies
from waheal.host.senders import Reporter, Senders
from waheal.model import DeviceId, Phone, ReceiptKind
from waheal.wire import Answer, Command, Health, ReceiptSeen, Report, Send

PACKAGE = Path(__file__).resolve().parents[2] / "waheal"
JID = "15555550001:1@s.whatsapp.net"


def steps() -> list[tuple[str, str]]:
    """Read the steps: the file, and the function in it that does the step."""
    text = section(PACKAGE / "README.md", "The way of a message")
    found = re.findall(r"^\d+\. `([\w/]+\.py)` `([\w.]+)`", text, re.MULTILINE)
    assert len(found) == len(re.findall(r"^\d+\. ", text, re.MULTILINE)), "a step names no place"
    return found


@contextmanager
def followed(calls: list[tuple[str, str]]) -> Iterator[None]:
    """Note each function of the house that is entered, in this thread and in those begun now."""

    def note(frame: FrameType, event: str, _: object) -> None:
        file = frame.f_code.co_filename
        if event == "call" and file.startswith(str(PACKAGE)):
            calls.append((str(Path(file).relative_to(PACKAGE)), frame.f_code.co_qualname))

    sys.setprofile(note)
    threading.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def in_order(calls: list[tuple[str, str]], wanted: list[tuple[str, str]]) -> None:
    """Each step's function is entered, and for the first time after that of the step before."""
    firsts = [calls.index(step) if step in calls else None for step in wanted]
    assert None not in firsts, [step for step, at in zip(wanted, firsts, strict=True) if at is None]
    assert firsts == sorted(firsts, key=lambda at: -1 if at is None else at)


def test_it_has_at_most_twelve_steps() -> None:
    assert 8 <= len(steps()) <= 12


def test_the_coordinators_steps_are_taken_in_this_order(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text("phone,message\n+12025550100,hello\n", encoding="utf-8")

    def receipted(host: FakeHost, command: Command) -> None:
        made.obey(host, command)
        if isinstance(command, Send):
            message = f"ID-{command.delivery}-{command.attempt}"
            host.says(ReceiptSeen(command.device, (message,), ReceiptKind.DELIVERED))

    calls: list[tuple[str, str]] = []
    with stage(tmp_path) as made, followed(calls):
        made.add(ONE)
        made.acts = receipted
        file = open_campaign_file(tmp_path / "c.csv", Choices(now=made.time.time()))
        list(enroll(made.ledger, "c", FileRows(file, skip_bad=False)))
        made.play()
    in_order(calls, [step for step in steps() if not step[0].startswith("host/")])


def test_the_hosts_steps_are_taken_in_this_order() -> None:
    world, told, answered = FakeWorld(), list[Report](), threading.Event()

    def tell(report: Report) -> None:
        told.append(report)
        if isinstance(report, Answer):
            answered.set()

    replies, arrivals = Replies(), Arrivals()
    reporter = Reporter(tell, lambda n: Health(0, n), replies, arrivals)
    cache = ClientCache(world.build, world, CacheSettings(), reporter)
    senders = Senders(
        cache, tell, replies, arrivals, set(), senders=1, connects=1, call_timeout=30.0
    )
    world.link(JID)
    world.on_send(JID, "no LID found for +12025550100 from server")
    calls: list[tuple[str, str]] = []
    with followed(calls):
        senders.start()
        senders.put(make_send(1, DeviceId("1"), JID, Phone("+12025550100")))
        assert answered.wait(60)
    # The library's client is the one step that a process without the library can't take.
    wanted = [step for step in steps() if step[0].startswith("host/")]
    library = [step for step in wanted if step[0] == "host/neonize_client.py"]
    in_order(calls, [step for step in wanted if step not in library])
    for file, function in library:
        method = function.rpartition(".")[2]
        assert f"def {method}(" in (PACKAGE / file).read_text(encoding="utf-8")
