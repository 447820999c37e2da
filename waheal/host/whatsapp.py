"""The only door to neonize: loads it, calls it, is called by it; knows no device and no policy.

Whatever looks odd here answers a fact in host/README.md. A process that imports this module has
loaded Go.
"""

import ctypes
import fcntl
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from enum import IntEnum
from pathlib import Path
from threading import Event as Flag
from threading import Lock, Thread
from time import monotonic
from uuid import uuid4

import pylibmagic  # noqa: F401 - brings libmagic along; must come before neonize  # isort: skip

from waheal.host import library_file, log_lines, trust_patch, version_patch  # isort: skip

# The next import loads whatever stands there, and would download what does not.
library_file.require_known()
library_file.forbid_download()

import neonize
from neonize._binder import (
    ProxySettings,
    func_callback_bytes,
    func_callback_bytes2,
    func_string,
    gocode,
)
from neonize.proto import Neonize_pb2 as messages
from neonize.proto.waCommon import WACommon_pb2 as common
from neonize.proto.waCompanionReg.WAWebProtobufsCompanionReg_pb2 import DeviceProps
from neonize.proto.waE2E import WAWebProtobufsE2E_pb2 as e2e

from waheal.client_version import ClientVersion
from waheal.host.left_out import Address, LeftOut
from waheal.host.trust_patch import CheckedTrust

__all__ = ["EventCode", "Library", "LibraryClient", "common", "e2e", "jid_of", "messages"]

DATABASE_OPTIONS = (
    "?_foreign_keys=on&_journal_mode=WAL&_busy_timeout=10000"
    "&_txlock=immediate&_synchronous=FULL&_pad="
)
"""neonize appends its own `?_foreign_keys=on` to the name; `_pad=` swallows that."""


class EventCode(IntEnum):
    """whatsmeow's events, by the numbers that neonize gives them (its `EVENT_TO_INT`)."""

    DEVICE = 0  # the client's loop has begun; comes unasked
    PAIR_STATUS = 2
    CONNECTED = 3
    KEEP_ALIVE_TIMEOUT = 4
    KEEP_ALIVE_RESTORED = 5
    LOGGED_OUT = 6
    STREAM_REPLACED = 7
    TEMPORARY_BAN = 8
    CONNECT_FAILURE = 9
    CLIENT_OUTDATED = 10
    DISCONNECTED = 12
    MESSAGE = 17
    RECEIPT = 18
    OFFLINE_SYNC_COMPLETED = 27


# What isn't subscribed is never encoded, and an event that can't be encoded ends the client's loop.
_SUBSCRIBED = bytes(code for code in EventCode if code is not EventCode.DEVICE)


def jid_of(text: str) -> "messages.JID":
    """Parse user[:device]@server into the library's form."""
    name, _, server = text.partition("@")
    user, _, device = name.partition(":")
    return messages.JID(User=user, RawAgent=0, Device=int(device or 0), Integrator=0, Server=server)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Wait until no other process has this lock, and keep the others waiting."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class Library:
    """The loaded library, with the session database and the way out that its clients share."""

    def __init__(
        self, database: Path, trusted: CheckedTrust | None, version: ClientVersion | None = None
    ) -> None:
        """Load nothing more; patch the noise root where a sandbox is to be trusted.

        `version`: what clients announce in place of the library's own.

        Raises:
            trust_patch.TrustRefusedError: this library can't be patched.
            version_patch.VersionRefusedError: likewise.
        """
        self.version = str(neonize.__version__)
        # Not the database itself: closing that would drop the library's own locks on it.
        self._lock_path = database.with_suffix(".lock")
        self._database = (str(database) + DATABASE_OPTIONS).encode()
        self._proxy: ctypes.Structure | None = None
        if trusted is not None:
            trust_patch.apply(trusted, Path(gocode._name))  # noqa: SLF001 - CDLL's path has no other name
            self._proxy = ProxySettings(proxy_address=trusted.proxy)._to_c_struct()  # noqa: SLF001 - neonize's own way to it
        if version is not None:
            version_patch.apply(version, Path(gocode._name))  # noqa: SLF001 - likewise
        self._props = DeviceProps(os="waheal", platformType=DeviceProps.DESKTOP).SerializeToString()
        # Go keeps these pointers for the life of the process.
        self._callbacks = (
            func_string(self._on_qr),
            func_string(self._on_status),
            func_callback_bytes(self._on_event),
            func_callback_bytes2(self._on_log),
        )
        self.left_out = LeftOut()
        self._line_callbacks: list[object] = []  # a few: one for each client that is overheard
        self._lock = Lock()  # guards _clients; no I/O
        self._clients: dict[bytes, LibraryClient] = {}

    def bring_database_up_to_date(self) -> None:
        """Make or upgrade the session database's tables, one process at a time.

        The library does so for each client, and of those that do it at once only one succeeds. It
        also reads every device (0.3 s for 3,000): there is no smaller way in.

        Raises:
            OSError: it can't be opened.
        """
        with _alone(self._lock_path):
            listed = gocode.GetAllDevices(self._database, self._callbacks[3]).decode()
        if listed.startswith("error: "):
            raise OSError(listed)

    def run(self, client: "LibraryClient", jid: str | None) -> str:
        """Live a client's whole life on this thread: connect, call back, until it is stopped.

        This is the call that `NewClient.connect` makes, without its polling. Answers the
        library's error, "" after a stop.
        """
        session = b"" if jid is None else jid_of(jid).SerializeToString()
        on_qr, on_status, on_event, on_log = self._callbacks
        with self._lock:
            self._clients[client.uuid] = client
        error: bytes = gocode.Neonize(
            self._database,
            client.uuid,
            session,
            len(session),
            int(jid is None),
            # WARN is down to where "Failed to store message secret" is told.
            b"WARN" if client.on_line is None else b"DEBUG",
            on_qr,
            on_status,
            on_event,
            on_log if client.on_line is None else self._overhearing(client.on_line),
            _SUBSCRIBED,
            len(_SUBSCRIBED),
            self._props,
            len(self._props),
            b"",
            0,
            None if self._proxy is None else ctypes.byref(self._proxy),
        )
        return error.decode(errors="replace")

    def _overhearing(self, on_line: Callable[[str, str], None]) -> object:
        """Make a log callback for one client's lines; warnings go where all do."""

        def on_log(data: int, size: int) -> None:
            entry = messages.LogEntry.FromString(ctypes.string_at(data, size))
            if entry.Level == "DEBUG":
                on_line(entry.Name, entry.Message)
            elif entry.Level != "INFO":
                self._on_log(data, size)

        callback = func_callback_bytes2(on_log)
        self._line_callbacks.append(callback)
        return callback

    def release(self, client: "LibraryClient") -> None:
        """Let go of a client whose `run` is over; closes a socket that its loop left open."""
        gocode.Stop(client.uuid)
        with self._lock:
            del self._clients[client.uuid]

    # Callbacks: on the thread of the client, but for the log. They enqueue, no more.

    def _find(self, uuid: bytes) -> "LibraryClient | None":
        with self._lock:
            return self._clients.get(uuid)

    def _on_qr(self, uuid: int, text: int) -> None:
        if (client := self._find(ctypes.string_at(uuid))) is not None:
            client.on_qr(ctypes.string_at(text).decode())

    def _on_status(self, uuid: int, status: int) -> None:
        if (client := self._find(ctypes.string_at(uuid))) is not None:
            client.on_status(ctypes.string_at(status).decode())

    def _on_event(self, uuid: bytes, data: int, size: int, code: int) -> None:
        if (client := self._find(uuid)) is not None:
            client.handle(code, ctypes.string_at(data, size))

    def _on_log(self, data: int, size: int) -> None:
        """Write the library's warnings straight to the log file.

        On the thread that logs, before the library goes on: the warning that a witness was not
        stored must be on file before its message leaves.
        """
        entry = messages.LogEntry.FromString(ctypes.string_at(data, size))
        self.left_out.hear(entry.Message)
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        os.write(2, log_lines.warning(stamp, entry.Level, entry.Name, entry.Message))


_SILENCE = 0.2
"""Seconds without an event after which a client that hears no more has told what it had heard."""

_LAST_WORDS = 2.0  # seconds that it is given for that


class LibraryClient:
    """One run of the library's client, from start to gone, under an id of its own.

    The library aborts the process when a client is stopped between its connect and its event
    loop, which reads the client once more (`FetchMe`). So a stop that comes early waits for the
    loop's first callback.

    It tells the server that it has a message as soon as the event waits for its loop, and a stop
    throws away what waits: a text that nobody would hear again. So a stop begins with hanging up,
    after which nothing more comes in, and then lets the loop tell the rest.
    """

    def __init__(
        self,
        library: Library,
        on_event: Callable[[int, bytes], None],
        on_end: Callable[[str], None],
        on_line: Callable[[str, str], None] | None = None,
    ) -> None:
        self.on_line = on_line
        """Takes the library's debug log, by logger and line; None: it logs warnings only."""
        self.uuid = uuid4().hex.encode()  # the default is the number, shared by its devices
        self.gone = Flag()
        self.on_qr: Callable[[str], None] = lambda _code: None
        self.on_status: Callable[[str], None] = lambda _status: None
        self._library = library
        self._on_event = on_event
        self._on_end = on_end
        self._lock = Lock()  # guards these three; no I/O
        self._entered = False
        self._hanging_up = False
        self._stopping = False
        self._deaf = Flag()
        self._telling = False  # these two are the loop's, and are only looked at by others
        self._told = 0.0

    def start(self, jid: str | None) -> None:
        """Begin, on a thread that blocks in the library. `jid` None pairs a new device."""
        Thread(target=self._run, args=(jid,), name="client", daemon=True).start()

    def hang_up(self, timeout: float) -> bool:
        """Hear no more, and tell what was heard; whether it is so within `timeout` seconds."""
        with self._lock:
            now = self._entered and not self._hanging_up
            self._hanging_up = begun = self._hanging_up or now
        if now:
            Thread(target=self._hang_up, name="hang-up", daemon=True).start()
        return self._deaf.wait(timeout if begun else 0.0)

    def stop(self, timeout: float) -> bool:
        """End it for good; whether the library has let go of it within `timeout` seconds."""
        with self._lock:
            first, self._stopping = not self._stopping, True
            now = first and self._entered
        if now:
            self._stop_aside()
        return self.gone.wait(timeout)

    def handle(self, code: int, data: bytes) -> None:
        """One event, on the client's own thread."""
        if code != EventCode.DEVICE:
            self._telling = True
            self._on_event(code, data)
            self._told, self._telling = monotonic(), False
            return
        with self._lock:
            self._entered = True
            now = self._stopping
        if now:
            self._stop_aside()

    def _run(self, jid: str | None) -> None:
        self._on_end(self._library.run(self, jid))
        self._library.release(self)  # after that: a client that is gone must look dead first
        self.gone.set()

    def _stop_aside(self) -> None:
        # On a thread of its own: it waits for a lock that the library holds while it dials.
        Thread(target=self._hang_up_and_stop, name="stop", daemon=True).start()

    def _hang_up(self) -> None:
        gocode.Disconnect(self.uuid)  # where the library has let go of it, that does nothing
        self._told = monotonic()
        self._deaf.set()

    def _hang_up_and_stop(self) -> None:
        if not self._deaf.is_set():
            self._hang_up()
        now = monotonic()
        until = now + _LAST_WORDS
        while (self._telling or now < self._told + _SILENCE) and now < until:
            if self.gone.wait(_SILENCE / 4):
                return
            now = monotonic()
        gocode.Stop(self.uuid)


_NOBODY_LISTED = "Function returned nothing."  # neonize's, where whatsmeow had no error
_PAIRS_LOST = "failed to store LID mappings"  # `IsOnWhatsApp` in whatsmeow's user.go

# Calls on a client. After it was stopped the library answers "client is nil", where noted.


def send(uuid: bytes, to: "messages.JID", message: "e2e.Message") -> tuple[str, str]:
    """Send and wait for the ack: message id and "", or "" and the library's error."""
    jid, body = to.SerializeToString(), message.SerializeToString()
    result = messages.SendMessageReturnFunction.FromString(
        gocode.SendMessage(uuid, jid, len(jid), body, len(body))
    )
    return ("", str(result.Error)) if result.Error else (str(result.SendResponse.ID), "")


def look_up(uuid: bytes, phones: Sequence[str]) -> tuple[dict[str, tuple[bool, str | None]], str]:
    """Ask who is on WhatsApp: by number (+digits) yes or no and user@lid; and the library's error.

    It takes any spelling of a number, and stores the pairs. Whom the server says nothing of is
    missing. After a stop it answers an error.
    """
    asked = " ".join(phones).encode()
    result = messages.IsOnWhatsAppReturnFunction.FromString(
        gocode.IsOnWhatsApp(uuid, asked, len(asked))
    )
    listed: dict[str, tuple[bool, str | None]] = {}
    for each in result.IsOnWhatsAppResponse:
        if not each.Query:
            continue  # an answer that repeats no number says nothing of one
        lid = f"{each.JID.User}@lid" if each.JID.Server == "lid" else None
        listed[f"+{each.Query.lstrip('+')}"] = (bool(each.IsIn), lid)
    error = str(result.Error)
    if _PAIRS_LOST in error:  # which the library logs for its own questions only: it is evidence
        stamp = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime())
        told = f"Failed to place LID mappings from a look-up: {error}"
        os.write(2, log_lines.warning(stamp, "ERROR", "Client", told))
    return listed, "" if error == _NOBODY_LISTED else error


def fetch_devices(uuid: bytes, lids: Sequence[str]) -> tuple[frozenset[Address], str]:
    """Have the device lists of these LIDs (user@lid) kept in the client; them, and its error.

    It asks for those that it does not have, all in one query. The client's own device is in none.
    """
    asked = messages.JIDArray(JIDS=[jid_of(lid) for lid in lids]).SerializeToString()
    result = messages.GetUserDevicesreturnFunction.FromString(
        gocode.GetUserDevices(uuid, asked, len(asked))
    )
    return frozenset(Address(each.User, each.Device) for each in result.JID), str(result.Error)


def upload(uuid: bytes, data: bytes, kind: int) -> "messages.UploadReturnFunction":
    """Encrypt and upload an attachment. Only for a client that lives: aborts the process else."""
    return messages.UploadReturnFunction.FromString(gocode.Upload(uuid, data, len(data), kind))


def is_online(uuid: bytes) -> bool:
    """Whether it is connected and logged in; False after a stop."""
    return bool(gocode.IsConnected(uuid)) and bool(gocode.IsLoggedIn(uuid))


def logout(uuid: bytes) -> str:
    """Unlink the device and delete its session; the library's error, or ""."""
    error: bytes = gocode.Logout(uuid)
    return error.decode(errors="replace")


def own_ids(uuid: bytes) -> "messages.Device":
    """Who a client is. Only for one that lives: aborts the process else."""
    return messages.Device.FromString(gocode.GetMe(uuid))


def pair_code(uuid: bytes, phone: str) -> tuple[str, str]:
    """Ask for the code that links this phone: code and "", or "" and the library's error."""
    asked = messages.PairPhoneParams(
        phone=phone,
        clientDisplayName="Chrome (Linux)",  # the server accepts no name that it does not know
        clientType=1,
        showPushNotification=True,
    ).SerializeToString()
    result = messages.PairPhoneReturnFunction.FromString(gocode.PairPhone(uuid, asked, len(asked)))
    return ("", str(result.Error)) if result.Error else (str(result.Code), "")
