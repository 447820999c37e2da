"""Does the jobs: leases the device, sends, judges, answers; knows no process and no library."""

import time
from collections.abc import Callable, Iterator, Mapping
from threading import Condition, Lock

from waheal.host import directory, error_table, event_table
from waheal.host.arrivals import Arrivals
from waheal.host.cache import ClientCache, DeviceLostError, Healed, Watcher
from waheal.host.client import (
    AttachmentError,
    Client,
    LockTold,
    News,
    Outgoing,
    QuotaTold,
    ReceiptCame,
    SendError,
    TextCame,
    UploadError,
)
from waheal.host.directory import Listing
from waheal.host.jobs import Job
from waheal.host.life import Death
from waheal.host.look_ahead import LookAhead
from waheal.host.pool import Pool
from waheal.host.replies import Replies, heard
from waheal.identity import every_spelling
from waheal.model import (
    Accepted,
    DeviceId,
    LinkPreview,
    Media,
    NotSent,
    Outcome,
    Phone,
    ReceiptKind,
)
from waheal.wire import (
    ChatLock,
    ChatQuota,
    Connect,
    Healing,
    Health,
    Logout,
    LogoutEnded,
    Offline,
    Online,
    ReceiptSeen,
    Report,
    Revoke,
    Send,
)

_LATE_EVENT = 0.2
"""Seconds for which an event may lag behind the answer to a call."""

Out = Callable[[Report], None]
"""Puts a report on its way to the coordinator; only enqueues."""


_HEALTH_EACH = 16  # connects between two reports on the host itself; the first ones all count


class Reporter(Watcher):
    """Turns what leases and clients tell into reports; only enqueues, as a Watcher must."""

    def __init__(
        self, out: Out, health: Callable[[int], Health], replies: Replies, arrivals: Arrivals
    ) -> None:
        self._out = out
        self._health = health
        self._replies = replies
        self._arrivals = arrivals
        self._lock = Lock()  # guards the counter
        self._connects = 0

    def healing(self, device: DeviceId, cause: str) -> None:
        """Report that a device is about to be connected or waited for."""
        self._out(Healing(device, cause))

    def healed(self, healed: Healed) -> None:
        """Report that it is up again."""
        self._out(Online(healed.device, healed.seconds, healed.cause, healed.rebuilt))

    def built(self) -> None:
        """Report how the host itself is doing; now and then, as counting takes milliseconds."""
        with self._lock:
            self._connects += 1
            connects = self._connects
        if connects <= _HEALTH_EACH or connects % _HEALTH_EACH == 0:
            self._out(self._health(connects))

    def news(self, device: DeviceId, news: News) -> None:
        """Report a receipt or a text."""
        match news:
            case ReceiptCame():
                kind = event_table.receipt_kind(news)
                if kind in {ReceiptKind.DELIVERED, ReceiptKind.READ}:
                    self._arrivals.note(news.message_ids)  # first: no Send may slip past the report
                if kind is not None:
                    self._out(ReceiptSeen(device, news.message_ids, kind))
            case LockTold(active, until, at):
                self._out(ChatLock(device, active, until, at))
            case QuotaTold(used, total, warning, until, at):
                self._out(ChatQuota(device, used, total, warning, until, at))
            case TextCame():
                self._replies.tell(heard(device, news), self._out)

    def died(self, device: DeviceId, death: Death) -> None:
        """Report at once where a new client would not help, so that nothing more comes for it."""
        if death.quarantine is not None:
            self._out(offline(device, death.reason, death))


def offline(device: DeviceId, reason: str, why: Death | DeviceLostError) -> Offline:
    """Word the report for a device that can't be used."""
    until = None if why.hold is None else time.time() + why.hold
    return Offline(device, reason, why.quarantine, until)


class _UnwantedError(Exception):
    """A Send must not leave any more; carries why."""


class Senders:
    """The jobs of one host."""

    def __init__(
        self,
        cache: ClientCache,
        out: Out,
        replies: Replies,
        arrivals: Arrivals,
        overheard: set[str],
        *,
        senders: int,
        connects: int,
        call_timeout: float,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._cache = cache
        self._out = out
        self._replies = replies
        self._arrivals = arrivals
        self._ahead = LookAhead(time.monotonic)
        self._overheard = overheard  # sessions whose clients tell what their accounts hear
        self._call_timeout = call_timeout
        self._pool = Pool(senders, connects, cache.is_open, self._serve, self._overdue, monotonic)
        self._winding_up = False
        self._calls = Condition()  # guards _calling; no I/O
        self._calling: dict[Job, Client] = {}

    def start(self) -> None:
        """Be ready for jobs."""
        self._pool.start()

    def threads(self) -> int:
        """Count the threads that do jobs, or wait for one."""
        return self._pool.threads()

    def put(self, task: Send | Connect | Logout) -> None:
        """Do this when its device's turn has come."""
        self._pool.put(Job(task, self._out))

    def revoke(self, revoke: Revoke) -> None:
        """Send none of these that are here already. Later Sends were claimed knowing of it."""
        for job in self._pool.outstanding():
            task = job.task
            if not isinstance(task, Send):
                continue
            job.leave_out(revoke.phones)
            if task.phone in revoke.phones:
                job.revoke("revoked: the recipient opted out, or has it already")
            elif task.device in revoke.devices:
                job.revoke("revoked: the device was paused")
            elif task.delivery in revoke.chats:
                job.revoke("revoked: the device begins no new chat for now")
            elif revoke.everything:
                job.revoke("revoked: the ledger can't be reached")

    def wind_up(self, seconds: float) -> None:
        """Begin nothing more, and let calls that are under way end, for at most so long."""
        self._winding_up = True
        for job in self._pool.outstanding():
            job.revoke("the coordinator is gone")
        with self._calls:
            self._calls.wait_for(lambda: not self._calling, seconds)

    # One job, on a thread of the pool.

    def _serve(self, job: Job) -> None:
        if self._winding_up:
            return
        match job.task:
            case Send() as send:
                self._serve_send(job, send)
            case Connect() as connect:
                self._serve_connect(job, connect)
            case Logout() as logout:
                self._serve_logout(job, logout)

    def _serve_send(self, job: Job, send: Send) -> None:
        try:
            with self._cache.lease(send.device, send.jid) as client:
                self._send(job, send, client)
        except DeviceLostError as lost:
            outcome = NotSent(lost.reason, hold=lost.hold, quarantine=lost.quarantine)
            self._settle(job, send, outcome, offline(send.device, lost.reason, lost))

    def _settle(self, job: Job, send: Send, outcome: Outcome, *before: Report) -> None:
        """Tell these reports, and answer; where the device is refused, also what waits for it.

        That would only be refused again. What comes once it was told came knowing of it.
        """
        behind: list[Job] = []
        if isinstance(outcome, NotSent) and outcome.quarantine is not None:
            behind = self._pool.flush(send.device)
        for report in before:
            self._out(report)
        job.settle(outcome)
        for waiting in behind:
            if isinstance(waiting.task, Send) and isinstance(outcome, NotSent):
                waiting.settle(NotSent(outcome.reason))
            else:
                self._pool.put(waiting)

    def _send(self, job: Job, send: Send, client: Client) -> None:
        """Send and settle, before the lease ends: that may have an old client to close."""
        with self._calls:
            self._calling[job] = client
        try:
            self._settle(job, send, self._called(job, send, client))
        finally:
            with self._calls:
                del self._calling[job]
                self._calls.notify_all()

    def _called(self, job: Job, send: Send, client: Client) -> Outcome:
        if (told := self._look_ahead(job, send, client)) is not None:
            return told
        call = self._ask_lid if send.ask_lid else self._send_or_ask
        return call(job, Outgoing(send.phone, send.content, send.witness), client)

    def _look_ahead(self, job: Job, send: Send, client: Client) -> Outcome | None:
        """Look up whom this device is about to write to; an outcome where that settles this one."""
        try:
            if send.ahead:
                self._enter_library(job)
                verdict = self._ahead.ask(client, send.jid, [*self._looked_up(job, send)])
                if verdict is not None and verdict.doubtful:
                    client.life.doubt("connection lost in a look-up")
                if verdict is not None:
                    return verdict.outcome
            absent = self._ahead.absent(send.jid, send.phone)
            if absent is not None:
                self._enter_library(job)
        except _UnwantedError as unwanted:
            return NotSent(str(unwanted))
        else:
            return absent

    def _looked_up(self, job: Job, send: Send) -> Iterator[tuple[Phone, str | None]]:
        """Tell who is looked up: the recipient, and who is still to be written to after them."""
        yield send.phone, send.lid
        for phone, lid in send.ahead:
            if not (job.left_out(phone) or self._replies.wrote(phone, lid, send.heard)):
                yield phone, lid

    def _send_or_ask(self, job: Job, message: Outgoing, client: Client) -> Outcome:
        """Send; where no LID was told, ask who is on WhatsApp before anybody is given up."""
        outcome = self._call(job, message, client)
        if outcome is not error_table.NO_LID.outcome:
            return outcome
        listings = self._look_up(job, message.phone, client)
        if not isinstance(listings, Mapping):
            return listings
        if listings.get(message.phone, Listing()).lid is not None:  # which the library knows now
            outcome = self._call(job, message, client)
            if outcome is not error_table.NO_LID.outcome:
                return outcome
        return directory.judge(message.phone, listings)

    def _call(self, job: Job, message: Outgoing, client: Client) -> Outcome:
        """Call the library, and judge what it says."""
        losses = client.life.losses
        try:
            if isinstance(message.content.body, Media | LinkPreview):
                self._enter_library(job)
                client.prepare(message)
            self._enter_library(job)
            return Accepted(client.send(message))
        except _UnwantedError as unwanted:
            return NotSent(str(unwanted))
        except AttachmentError as error:
            return NotSent(str(error), stops=True)
        except UploadError as error:
            verdict = error_table.judge_upload(str(error))
        except SendError as error:
            verdict = error_table.judge_send(str(error))
            if error_table.is_answer(str(error)) and client.life.wait_lost(losses, _LATE_EVENT):
                verdict = error_table.SECOND_COPY
        if verdict.doubtful:
            client.life.doubt("connection lost in mid-send")
        return verdict.outcome

    def _ask_lid(self, job: Job, message: Outgoing, client: Client) -> Outcome:
        """Learn who the recipient is, and send nothing: somebody opted out by the LID alone."""
        listings = self._look_up(job, message.phone, client)
        if not isinstance(listings, Mapping):
            return listings
        own = listings.get(message.phone, Listing())
        if own.lid is None:
            return directory.judge(message.phone, listings)
        return NotSent("the recipient's LID had to be known first", lid=own.lid)

    def _look_up(self, job: Job, phone: Phone, client: Client) -> Mapping[Phone, Listing] | Outcome:
        """Ask for every spelling of a number; or what becomes of the message without an answer."""
        try:
            self._enter_library(job)
            return client.look_up(every_spelling(phone))
        except _UnwantedError as unwanted:
            return NotSent(str(unwanted))
        except SendError as error:
            verdict = error_table.judge_send(str(error))
        if verdict.doubtful:
            client.life.doubt("connection lost in a look-up")
        return verdict.outcome

    def _enter_library(self, job: Job) -> None:
        """Give the next call so long to return, and look a last time whether it is wanted."""
        self._pool.guard(job, self._call_timeout)
        if (reason := job.enter(time.time(), self._replies, self._arrivals)) is not None:
            raise _UnwantedError(reason)

    def _serve_connect(self, job: Job, connect: Connect) -> None:
        if connect.overhear and connect.jid not in self._overheard:
            self._overheard.add(connect.jid)
            self._cache.discard(connect.device)
        try:
            told = self._cache.ensure(connect.device, connect.jid)
        except DeviceLostError as lost:
            job.tell(offline(connect.device, lost.reason, lost))
        else:
            if not told:  # where it was healed, the watcher has told of it
                job.tell(Online(connect.device, 0.0, "", rebuilt=False))

    def _serve_logout(self, job: Job, logout: Logout) -> None:
        reason: str | None = None
        try:
            with self._cache.lease(logout.device, logout.jid) as client:
                client.logout()
        except DeviceLostError as lost:
            reason = lost.reason
        except SendError as error:
            reason = str(error)
        if reason is None:
            self._cache.discard(logout.device)
        job.tell(LogoutEnded(logout.device, reason))

    def _overdue(self, job: Job) -> None:
        """On the watchdog's thread: cut a call loose, and let its device go on without it."""
        if not job.cut("the library's call did not return"):
            return
        with self._calls:
            client = self._calling.get(job)
        if client is not None:
            self._cache.abandon(job.device, client)
        self._pool.free(job)
