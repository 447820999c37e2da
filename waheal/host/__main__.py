"""`python -m waheal.host FD`: a host process, from its exec to its end; decides nothing.

It ends in order after a Finish. When its channel closes it begins nothing more, and ends in
seconds: the calls that are under way may end, and what is heard meanwhile is kept for the next run.
It ignores SIGINT, SIGTERM and SIGHUP: the coordinator decides. A fault of its own ends it with its
place in the log.
"""

import os
import resource
import signal
import sys
import threading
import time
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import TYPE_CHECKING, Never

from waheal.errors import WahealError
from waheal.host import log_lines, trust_patch
from waheal.host.appearance import Appearances
from waheal.host.arrivals import Arrivals
from waheal.host.cache import ClientCache
from waheal.host.cache_settings import CacheSettings
from waheal.host.channel import Channel
from waheal.host.last_words import LastWords
from waheal.host.replies import Replies
from waheal.host.senders import Reporter, Senders
from waheal.host.session_lookup import SessionLookup
from waheal.model import ExitCode
from waheal.seal import seal_path
from waheal.wire import (
    Connect,
    Finish,
    Health,
    Logout,
    NotServed,
    Pair,
    Ready,
    Revoke,
    Role,
    Send,
    Setup,
)

if TYPE_CHECKING:
    from waheal.host.whatsapp import Library

_FLUSH = 5.0  # seconds for the last reports to be read
_SLACK = 400_000  # nanoseconds that a timer of its threads may be late: see host/README.md
_CALLS = 1.5  # seconds for calls under way to end, where nobody hears of them but the next run


def _end(code: int) -> Never:
    """End without the interpreter's own goodbye, which Go's threads do not survive."""
    sys.stderr.flush()
    os._exit(code)


def _fault(error: BaseException | None) -> None:
    sys.stderr.write("a fault\n" if error is None else log_lines.last_words(error))
    _end(ExitCode.OWN_FAULT)


def _watch_faults() -> None:
    """End the process with any thread or callback: it must not only look alive."""

    def in_thread(seen: threading.ExceptHookArgs) -> None:
        _fault(seen.exc_value)

    def unraisable(seen: "sys.UnraisableHookArgs") -> None:
        if "ctypes" in (seen.err_msg or ""):  # the library called us, and we failed
            _fault(seen.exc_value)
        sys.__unraisablehook__(seen)

    threading.excepthook = in_thread
    sys.unraisablehook = unraisable


def _settle_process() -> None:
    """Settle what must hold before the library is loaded."""
    os.umask(0o077)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))  # a dump would hold texts and session keys
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    with suppress(OSError):  # where that can't be, messages cost more; threads to come inherit it
        Path("/proc/self/timerslack_ns").write_text(str(_SLACK), encoding="ascii")
    _watch_faults()
    if os.environ.get("GOMAXPROCS") != "1":
        sys.stderr.write(
            "error: the host must be started with GOMAXPROCS=1 in its environment: with more,"
            " the library aborts (concurrent map writes)\n"
            "hint: hosts are started by waheal itself; don't start one by hand\n"
        )
        _end(ExitCode.USAGE)
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    # neonize prints errors with full numbers, and pairing codes, to fd 1; what is worth keeping
    # comes through its log callback, or with Go's last words, to fd 2.
    with Path(os.devnull).open("wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)


def _load(setup: Setup) -> "Library":
    """Load the library, once it is known that it will be told nothing but what was checked."""
    trusted = None if setup.settings.trust is None else trust_patch.check(setup.settings.trust)
    from waheal.host.whatsapp import Library  # noqa: PLC0415 - loads Go

    return Library(Path(setup.sessions), trusted, setup.settings.client_version)


def _load_for_clients(setup: Setup) -> "Library":
    library = _load(setup)
    with suppress(OSError):  # then each client fails by the same, and tells it of its device
        library.bring_database_up_to_date()
    return library


def _serve_sends(channel: Channel, setup: Setup) -> None:
    log = None if setup.log is None else Path(setup.log)
    seal = None if log is None else seal_path(log)
    lookup = SessionLookup(Path(setup.sessions), seal=seal, lock=setup.lock)
    lookup.start()  # before the library: a fork of a small process
    library = _load_for_clients(setup)
    from waheal.host.composing import Uploads  # noqa: PLC0415 - loads Go
    from waheal.host.neonize_client import NeonizeClient  # noqa: PLC0415 - loads Go

    uploads, appearances = Uploads(time.monotonic), Appearances()
    replies, arrivals = Replies(), Arrivals()
    overheard = set[str]()
    on_stanza = channel.tell if setup.settings.record else None
    reporter = Reporter(
        channel.tell, lambda connects: Health(cache.clients(), connects), replies, arrivals
    )
    cache = ClientCache(
        lambda jid, on_event, on_news: NeonizeClient(
            library,
            uploads,
            appearances,
            jid,
            on_event,
            on_news,
            overhear=jid in overheard,
            on_stanza=on_stanza,
        ),
        lookup,
        CacheSettings(setup.settings),
        reporter,
    )
    senders = Senders(
        cache,
        channel.tell,
        replies,
        arrivals,
        overheard,
        senders=setup.settings.senders,
        connects=setup.settings.connects,
        call_timeout=setup.settings.call_timeout,
    )
    senders.start()
    if log is not None:
        channel.outlive(LastWords(log).keep)
    channel.tell(Ready(os.getpid(), library.version))
    while True:
        match channel.receive():
            case Send() | Connect() | Logout() as task:
                senders.put(task)
            case Revoke() as revoke:
                senders.revoke(revoke)
            case Finish():
                cache.close()
                return
            case None:
                senders.wind_up(_CALLS)
                cache.close()
                return
            case other:
                raise TypeError(other)


def _serve_pairings(channel: Channel, setup: Setup) -> None:
    lookup = SessionLookup(Path(setup.sessions))
    lookup.start()
    library = _load_for_clients(setup)
    from waheal.host.pairer import Pairer  # noqa: PLC0415 - loads Go

    pairer = Pairer(library, lookup, channel.tell, silence=setup.settings.pairing_silence)
    channel.tell(Ready(os.getpid(), library.version))
    while True:
        match channel.receive():
            case Pair() as order:
                pairer.pair(order)
            case Finish():
                return
            case other:
                raise TypeError(other)


def _probe(channel: Channel, setup: Setup) -> None:
    library = _load(setup)
    library.bring_database_up_to_date()
    channel.tell(Ready(os.getpid(), library.version))


def main() -> None:
    """Serve until told to finish, or until the channel closes."""
    _settle_process()
    channel = Channel(Connection(int(sys.argv[1])))
    channel.start()
    setup = channel.receive_setup()
    try:
        _serve(channel, setup)
    except WahealError as refusal:
        channel.tell(NotServed(refusal.message, refusal.hint))
        channel.flush(_FLUSH)
        raise
    channel.flush(_FLUSH)
    _end(ExitCode.OK)


def _serve(channel: Channel, setup: Setup) -> None:
    match setup.role:
        case Role.SEND:
            _serve_sends(channel, setup)
        case Role.PAIR:
            _serve_pairings(channel, setup)
        case Role.PROBE:
            _probe(channel, setup)


if __name__ == "__main__":
    try:
        main()
    except WahealError as refusal:
        hint = "" if refusal.hint is None else f"hint: {refusal.hint}\n"
        sys.stderr.write(f"error: {refusal.message}\n{hint}")
        _end(refusal.exit_code)
    except BaseException as error:  # noqa: BLE001 - told, then the process ends
        _fault(error)
