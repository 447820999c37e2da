"""`python -m waheal.host FD`: a host process, from its exec to its end; decides nothing.

It ends at once when its channel closes, and in order after a Finish. It ignores SIGINT, SIGTERM
and SIGHUP: the coordinator decides. A fault of its own ends it with a trace in its log.
"""

import os
import resource
import signal
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from types import TracebackType
from typing import Never

from waheal.errors import WahealError
from waheal.host.arrivals import Arrivals
from waheal.host.cache import ClientCache
from waheal.host.cache_settings import CacheSettings
from waheal.host.channel import Channel
from waheal.host.replies import Replies
from waheal.host.senders import Reporter, Senders
from waheal.host.session_lookup import SessionLookup
from waheal.model import ExitCode
from waheal.wire import (
    Connect,
    Finish,
    Health,
    Logout,
    Pair,
    Ready,
    Revoke,
    Role,
    Send,
    Setup,
)

_FLUSH = 5.0  # seconds for the last reports to be read


def _end(code: int) -> Never:
    """End without the interpreter's own goodbye, which Go's threads do not survive."""
    sys.stderr.flush()
    os._exit(code)


def _fault(
    kind: type[BaseException], error: BaseException | None, at: TracebackType | None
) -> None:
    traceback.print_exception(kind, error, at)
    _end(ExitCode.OWN_FAULT)


def _watch_faults() -> None:
    """End the process with any thread or callback: it must not only look alive."""

    def in_thread(seen: threading.ExceptHookArgs) -> None:
        _fault(seen.exc_type, seen.exc_value, seen.exc_traceback)

    def unraisable(seen: "sys.UnraisableHookArgs") -> None:
        if "ctypes" in (seen.err_msg or ""):  # the library called us, and we failed
            _fault(seen.exc_type, seen.exc_value, seen.exc_traceback)
        sys.__unraisablehook__(seen)

    threading.excepthook = in_thread
    sys.unraisablehook = unraisable


def _settle_process() -> None:
    """Settle what must hold before the library is loaded."""
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
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


def _health(cache: ClientCache, connects: int) -> Health:
    return Health(cache.clients(), sum(1 for _ in Path("/proc/self/fd").iterdir()), connects)


def _serve_sends(channel: Channel, setup: Setup) -> None:
    lookup = SessionLookup(Path(setup.sessions))
    lookup.start()  # before the library: a fork of a small process
    from waheal.host.composing import Uploads  # noqa: PLC0415 - loads Go
    from waheal.host.neonize_client import NeonizeClient  # noqa: PLC0415 - loads Go
    from waheal.host.whatsapp import Library  # noqa: PLC0415 - loads Go

    library, uploads = Library(Path(setup.sessions), setup.trust), Uploads(time.monotonic)
    replies, arrivals = Replies(), Arrivals()
    reporter = Reporter(channel.tell, lambda connects: _health(cache, connects), replies, arrivals)
    cache = ClientCache(
        lambda jid, on_event, on_news: NeonizeClient(library, uploads, jid, on_event, on_news),
        lookup,
        CacheSettings.of(setup),
        reporter,
    )
    senders = Senders(
        cache,
        channel.tell,
        replies,
        arrivals,
        senders=setup.senders,
        call_timeout=setup.call_timeout,
    )
    senders.start()
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
            case other:
                raise TypeError(other)


def _serve_pairings(channel: Channel, setup: Setup) -> None:
    lookup = SessionLookup(Path(setup.sessions))
    lookup.start()
    from waheal.host.pairer import Pairer  # noqa: PLC0415 - loads Go
    from waheal.host.whatsapp import Library  # noqa: PLC0415 - loads Go

    library = Library(Path(setup.sessions), setup.trust)
    pairer = Pairer(library, lookup, channel.tell)
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
    from waheal.host.whatsapp import Library  # noqa: PLC0415 - loads Go

    library = Library(Path(setup.sessions), setup.trust)
    library.create_database()
    channel.tell(Ready(os.getpid(), library.version))


def main() -> None:
    """Serve until told to finish, or until the channel closes."""
    _settle_process()
    channel = Channel(Connection(int(sys.argv[1])))
    channel.start()
    setup = channel.receive_setup()
    match setup.role:
        case Role.SEND:
            _serve_sends(channel, setup)
        case Role.PAIR:
            _serve_pairings(channel, setup)
        case Role.PROBE:
            _probe(channel, setup)
    channel.flush(_FLUSH)
    _end(ExitCode.OK)


if __name__ == "__main__":
    try:
        main()
    except WahealError as refusal:
        hint = "" if refusal.hint is None else f"hint: {refusal.hint}\n"
        sys.stderr.write(f"error: {refusal.message}\n{hint}")
        _end(refusal.exit_code)
    except BaseException as error:  # noqa: BLE001 - told in full, then the process ends
        _fault(type(error), error, error.__traceback__)
