"""`waheal sync`: take what has come meanwhile, and settle what it proves; sends nothing."""

import time
from contextlib import ExitStack

from waheal.cli import options as o
from waheal.cli import words
from waheal.cli.attach import attached
from waheal.cli.console import say, write_json
from waheal.cli.logs import LogView
from waheal.cli.running import Machinery, host_settings, view_for
from waheal.cli.scene import Scene, scene, see_they_are_known, warn_of_new_key
from waheal.cli.signals import draining, interruptible
from waheal.engine.collect import Collect
from waheal.events import OptedOut, Receipt
from waheal.model import DeviceId, DeviceState, ExitCode, State
from waheal.policy.optout import Words
from waheal.records import Device
from waheal.store.ledger import Ledger
from waheal.store.lock import HomeLock
from waheal.views.words import count


def sync(
    seconds: o.For = "60s",
    devices: o.Devices = None,
    stop_words: o.StopWords = [],  # noqa: B006 - typer hands over a list of its own
    start_words: o.StartWords = [],  # noqa: B006 - likewise
    max_open: o.MaxOpen = 1000,
    sandbox: o.Sandbox = False,
    trust: o.Trust = None,
    home: o.Home = None,
    as_json: o.Json = False,
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
    show_numbers: o.ShowNumbers = False,
) -> int:
    """Connect the devices, collect receipts and replies, settle what is in doubt, disconnect.

    All devices that have something to expect, or --devices only.

    It listens for so long once every device has answered.
    """
    here = scene(home, as_json=as_json, quiet=quiet, verbose=verbose, sandbox=sandbox, trust=trust)
    span = words.duration(seconds, "--for")
    chosen = words.labels(devices)
    heeded = Words(stop_words, start_words)
    with interruptible():
        return _sync(here, span, chosen, heeded, Machinery(1, 1, max_open), show_numbers)


def _sync(
    here: Scene,
    span: float,
    chosen: frozenset[DeviceId] | None,
    heeded: Words,
    machinery: Machinery,
    show_numbers: bool,
) -> ExitCode:
    place = here.home()
    receipts = replies = 0
    asked = list[str]()
    with ExitStack() as stack:
        lock = stack.enter_context(HomeLock.acquire(place, what="waheal sync"))
        ledger = stack.enter_context(here.ledger(place))
        warn_of_new_key(here, place, ledger)
        target = stack.enter_context(attached(here, place, ledger))
        devices = _expecting(ledger, chosen)
        collect = Collect(place, lock, ledger, host_settings(machinery, target.trust), words=heeded)
        log = stack.enter_context(LogView(place.logs, clock=time.time, show_numbers=show_numbers))
        view = None if here.json else stack.enter_context(view_for(here, show_numbers=show_numbers))

        def end(reason: str) -> None:
            asked.append(reason)
            collect.stop()

        stack.enter_context(draining(end, collect.stop))
        for event in collect.events(devices, span):
            log.show(event)
            if view is not None:
                view.show(event)
            receipts += isinstance(event, Receipt)
            replies += isinstance(event, OptedOut)
        uncertain = len(ledger.doubts.open(State.UNCERTAIN))
    told = {
        "devices": len(devices), "receipts": receipts, "opt_outs": replies, "uncertain": uncertain
    }  # fmt: skip
    if here.json:
        write_json(told)
    elif not here.quiet:
        say(
            f"{count(len(devices), 'device')} asked: {count(receipts, 'receipt')},"
            f" {count(replies, 'opt-out')}; {uncertain} uncertain"
        )
    if asked:
        return ExitCode.INTERRUPTED
    return ExitCode.LEFT_OVER if uncertain else ExitCode.OK


def _expecting(ledger: Ledger, chosen: frozenset[DeviceId] | None) -> list[Device]:
    """Give the devices that may be connected: linked, neither paused nor quarantined."""
    devices = ledger.devices.all(time.time())
    see_they_are_known(chosen, (device.label for device in devices))
    return [
        device
        for device in devices
        if device.jid is not None
        and device.state is DeviceState.READY
        and (chosen is None or device.label in chosen)
    ]
