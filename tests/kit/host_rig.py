"""Senders on the fake library, and what they report."""

import threading
import time
from collections.abc import Callable

from tests.contract.fake import FakeWorld, Hang
from tests.kit.sends import make_send
from waheal.host.arrivals import Arrivals
from waheal.host.cache import ClientCache
from waheal.host.cache_settings import CacheSettings
from waheal.host.client import (
    TextCame,
)
from waheal.host.replies import Replies
from waheal.host.senders import Reporter, Senders
from waheal.model import (
    Content,
    Media,
    MediaKind,
    NotSent,
    Phone,
)
from waheal.wire import (
    Answer,
    Health,
    HostSettings,
    Report,
)

PATIENCE = 60.0  # seconds
PHONE = Phone("+15555550199")
PICTURE = Media("a.png", MediaKind.IMAGE, "image/png", "00")
WROTE = NotSent("the recipient wrote first")
_CALL_TIMEOUT = 90.0
TOO_LATE = NotSent("too late: its window or its expiry has passed")


def jid_of(device: str) -> str:
    """Tell the session of a device that is called by a number."""
    return f"1555555{int(device):04}:1@s.whatsapp.net"


class Rig:
    """The jobs of one host, without its process."""

    def __init__(self, senders: int = 4) -> None:
        self.now = 0.0  # monotonic seconds: nothing is slow or overdue before a test says so
        self.world = FakeWorld()
        self.reports: list[Report] = []
        self._told = threading.Condition()
        settings = CacheSettings(HostSettings(connect_timeout=0.01, reconnect_wait=0.01), tries=1)
        replies, arrivals = Replies(), Arrivals()
        reporter = Reporter(self.tell, lambda connects: Health(0, connects), replies, arrivals)
        self.cache = ClientCache(self.world.build, self.world, settings, reporter)
        self.senders = Senders(
            self.cache,
            self.tell,
            replies,
            arrivals,
            set(),
            senders=senders,
            connects=senders,
            call_timeout=_CALL_TIMEOUT,
            monotonic=lambda: self.now,
        )
        self.senders.start()

    def tell(self, report: Report) -> None:
        with self._told:
            self.reports.append(report)
            self._told.notify_all()

    def wait(self, enough: Callable[[list[Report]], bool]) -> list[Report]:
        with self._told:
            assert self._told.wait_for(lambda: enough(self.reports), PATIENCE), self.reports
            return list(self.reports)

    def answers(self, count: int) -> dict[int, Answer]:
        reports = self.wait(lambda told: len(answers_in(told)) >= count)
        found = answers_in(reports)
        assert len(found) == count
        return {answer.delivery: answer for answer in found}

    def send(
        self,
        delivery: int,
        device: str = "1",
        *,
        phone: Phone = PHONE,
        not_after: float | None = None,
        media: Media | None = None,
        heard: int = 0,
        lid: str | None = None,
        unless: tuple[str, ...] = (),
        ask_lid: bool = False,
    ) -> None:
        self.senders.put(
            make_send(
                delivery,
                device,
                jid_of(device),
                phone,
                content=Content("hello", media),
                not_after=not_after,
                heard=heard,
                lid=lid,
                unless=unless,
                ask_lid=ask_lid,
            )
        )

    def hears(self, device: str, phone: Phone | None, lid: str = "1@lid") -> None:
        """Let somebody write to the device."""
        self.world.client(jid_of(device)).hear(TextCame(lid, phone, "STOP", 5.0))

    def hangs(self, delivery: int, device: str = "1") -> Hang:
        """Keep the device busy, so that what is sent through it next is queued."""
        hang = Hang()
        self.world.link(jid_of(device))
        self.world.on_send(jid_of(device), hang)
        self.send(delivery, device, phone=Phone("+15550001111"), lid="busy@lid")
        assert hang.entered.wait(PATIENCE)
        return hang

    def until_idle(self) -> None:
        """Wait until no job is queued or in hand."""
        deadline = time.monotonic() + PATIENCE
        while self.senders._pool.outstanding():
            assert time.monotonic() < deadline
            time.sleep(0.005)  # nobody tells of a job that is dropped

    def too_late(self) -> None:
        """Let the time go by that a call into the library may take."""
        self.now += _CALL_TIMEOUT


def answers_in(reports: list[Report]) -> list[Answer]:
    return [report for report in reports if isinstance(report, Answer)]
