"""Brings an ordeal's campaign to its end as its operator would, and asks the phones."""

import json
from collections import Counter
from collections.abc import Iterable

from tests.kill.disasters.ordeal import Ordeal
from tests.kill.scene import Command, Line
from waheal.model import ExitCode, Phone, State

_SENDS = 6  # at most, until nobody is pending
_LISTEN = 2.0  # seconds of sync, for receipts that wait for their device
_END = 60.0  # seconds for the last process to end
_GOT_IT = frozenset({State.SENT, State.DELIVERED, State.READ})


def to_the_end(ordeal: Ordeal) -> Iterable[str]:
    """Send until nobody is pending, and collect the receipts that waited."""
    for _ in range(_SENDS):
        last = finished(ordeal)
        if last.get("pending") == 0:
            break
    else:
        yield f"it does not come to its end: {last}"
    if last.get("uncertain"):
        sync = ordeal.attached("sync", "--for", f"{_LISTEN}s")
        ordeal.ends(sync, ExitCode.OK, ExitCode.LEFT_OVER)


def finished(ordeal: Ordeal) -> Line:
    """Send once; its last line."""
    run = ordeal.send("--max-wait", "30s")  # longer than what failed before waits for its next try
    last = run.finish(ordeal.patience)
    assert last.get("event") == "run_finished", f"exit {run.process.returncode}: {run.told}"
    left = bool(last.get("pending")) or bool(last.get("uncertain"))
    ordeal.ends(run, ExitCode.LEFT_OVER if left else ExitCode.OK)
    return last


def states(ordeal: Ordeal) -> dict[Phone, tuple[State, str]]:
    """What an export says of everybody."""
    export = ordeal.command("export", ordeal.scene.campaign.stem, "--format", "json", json=False)
    ordeal.ends(export, ExitCode.OK)
    rows: list[dict[str, str]] = json.loads("".join(export.output))
    return {Phone(row["phone"]): (State(row["state"]), str(row["reason"])) for row in rows}


def shown(ordeal: Ordeal) -> dict[Phone, int]:
    """How often each phone was shown a message; the server is this ordeal's own."""
    found = Counter[Phone]()
    for message in ordeal.control.phones.received():
        found[Phone(message.phone)] += message.delivered
    return found


def resolve(ordeal: Ordeal) -> Iterable[str]:
    """Settle each doubt by what its recipient tells, and send once more to who has nothing.

    The fewer one by one, then all that are left.
    """
    had, resolve = shown(ordeal), ("resolve", ordeal.scene.campaign.stem)
    doubtful = [phone for phone, (state, _) in states(ordeal).items() if state is State.UNCERTAIN]
    if not doubtful:
        return
    told = {"--accept": [each for each in doubtful if had.get(each)]}
    told["--resend"] = [each for each in doubtful if each not in told["--accept"]]
    few, many = sorted(told, key=lambda how: len(told[how]))
    for phone in told[few]:
        ordeal.ends(ordeal.command(*resolve, few, "--phone", phone), ExitCode.LEFT_OVER)
    ordeal.ends(ordeal.command(*resolve, many), ExitCode.OK)
    last = finished(ordeal)
    if last.get("uncertain") or last.get("pending"):
        yield f"resolved, and not settled: {last}"


def everybody_once(ordeal: Ordeal) -> Iterable[str]:
    """Tell who has no message, or several."""
    each_had, each_is = shown(ordeal), states(ordeal)
    for phone in ordeal.scene.recipients:
        state, reason = each_is.get(phone, (None, ""))
        had = each_had.get(phone, 0)
        if had > 1:
            yield f"{phone} was shown {had} messages"
        elif phone in ordeal.excused:
            if (state in _GOT_IT) != bool(had):
                yield f"{phone}: {state}, and was shown {had}"
        elif state not in _GOT_IT or not had:
            yield f"{phone} is missing: {state} ({reason}), and was shown {had}"


def alone(ordeal: Ordeal) -> Iterable[str]:
    """Tell what lives on."""
    try:
        ordeal.scene.wait_alone(_END)
    except AssertionError as error:
        yield str(error)


def commands(ordeal: Ordeal, *, fault: bool = False) -> Iterable[str]:
    """Tell of each command that broke; `fault`: one may end with 70 and say why."""
    for command in ordeal.commands:
        if command.process.returncode == ExitCode.OWN_FAULT and not fault:
            yield f"{_words(command)}: exit 70: {command.told}"
        if "Traceback" in command.told:
            yield f"{_words(command)}: {command.told}"
    for report in (*ordeal.scene.home.root.rglob("crash-*"),):
        yield f"a crash report: {report.read_text()}"


def _words(command: Command) -> str:
    args = command.process.args
    return " ".join(map(str, args[3:])) if isinstance(args, list) else str(args)
