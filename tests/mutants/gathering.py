"""Mutants of how a turn gathers what hosts say, and of the file on which that lies."""

from tests.mutants.mutant import Ground

LINGERING = Ground("waheal/engine/lingering.py", ("tests/unit/test_lingering.py",))
UNWRITTEN = Ground("waheal/engine/unwritten.py", ("tests/unit/test_unwritten.py",))
RECONCILIATION = Ground("waheal/engine/reconciliation.py", ("tests/unit/test_past.py",))
HEARSAY = Ground("waheal/hearsay.py", ("tests/unit/test_unwritten.py",))
CHANNEL = Ground("waheal/host/channel.py", ("tests/unit/test_channel.py",))
SENDERS = Ground("waheal/host/senders.py", ("tests/unit/test_winding_up.py",))
PAST = Ground("waheal/engine/past.py", ("tests/unit/test_past.py",))
RUN = Ground("waheal/engine/run.py", ("tests/unit/test_past.py",))

MUTANTS = (
    LINGERING.mutant(
        "idle-waits",
        "a device that stands still is not kept waiting",
        "left <= 0 or (self._idle and left < self._enough)",
        "left <= 0",
    ),
    LINGERING.mutant(
        "the-last-waits",
        "nothing more is waited for than is under way",
        "left <= 0 or (self._idle",
        "(self._idle",
    ),
    LINGERING.mutant(
        "texts-wait",
        "what somebody wrote is heard at once",
        "                case _:\n                    return True",
        "                case _:\n                    pass",
    ),
    UNWRITTEN.mutant(
        "rest-lost",
        "what came after a turn had gathered stays",
        "os.pread(file, self._end - self._marked, self._marked)",
        'b""',
    ),
    UNWRITTEN.mutant(
        "nothing-let-go",
        "what the ledger has is let go of",
        "os.ftruncate(file, len(rest))",
        "os.ftruncate(file, self._end)",
    ),
    UNWRITTEN.mutant(
        "link-followed",
        "no link is followed",
        "os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW",
        "os.O_RDWR | os.O_CREAT | os.O_CLOEXEC",
    ),
    PAST.mutant(
        "any-run-s-ok",
        "an ok counts for an attempt of its own run only",
        "Attempt(doubt.origin.host_log, doubt.delivery, doubt.attempt)",
        "next((k for k in said.accepted if k.delivery == doubt.delivery), None)",
    ),
    RECONCILIATION.mutant(
        "ok-for-granted",
        "an ok that nobody wrote is judged like one that is heard",
        "signal_session=rows.signal_session,",
        "signal_session=rows.signal_session or accepted is not None,",
    ),
    PAST.mutant(
        "said-for-ever",
        "what was taken in is let go of",
        "    unwritten.leave(said.texts)\n",
        "",
    ),
    PAST.mutant(
        "texts-dropped",
        "what somebody wrote waits for who knows the words of an opt-out",
        "unwritten.leave(said.texts)",
        "unwritten.leave([])",
    ),
    RUN.mutant(
        "texts-unheard",
        "who opted out of a killed run gets nothing of the next",
        "yield from hear_the_past(self._ledger, self._unwritten, self._inbound, self._now())",
        "pass",
    ),
    UNWRITTEN.mutant(
        "hosts-unread",
        "what hosts kept themselves counts",
        "        for path in (self._path, *self._of_hosts()):\n",
        "        for path in (self._path,):\n",
    ),
    HEARSAY.mutant(
        "texts-not-kept",
        "what somebody wrote is kept as well",
        'return ["text", device, sender, text, at, kind, told]',
        "return None",
    ),
    CHANNEL.mutant(
        "unread-lost",
        "what nobody may have read is kept",
        "self._keep([*unread, *reports])",
        "self._keep(reports)",
    ),
    CHANNEL.mutant(
        "all-wait",
        "what has room outlives the host once it is told",
        "if not self._waiting and isinstance(report, _SMALL) and self._has_room():",
        "if False:",
    ),
    CHANNEL.mutant(
        "overtaken",
        "what is told earlier is heard earlier",
        "if not self._waiting and isinstance",
        "if isinstance",
    ),
    CHANNEL.mutant(
        "told-in-the-way",
        "nobody who tells waits for a coordinator that does not read",
        "isinstance(report, _SMALL) and self._has_room():",
        "isinstance(report, _SMALL):",
    ),
    CHANNEL.mutant(
        "no-end",
        "an orphan ends, whatever it waits for",
        "        time.sleep(_LAST_MOMENT)\n        os._exit(0)\n",
        "",
    ),
    SENDERS.mutant(
        "orphan-goes-on",
        "an orphan begins nothing more",
        "        if self._winding_up:\n            return\n",
        "",
    ),
    SENDERS.mutant(
        "calls-cut-off",
        "an orphan lets calls that are under way end",
        "self._calls.wait_for(lambda: not self._calling, seconds)",
        "pass",
    ),
    RUN.mutant(
        "kept-for-ever",
        "a run lets go of what it has written",
        "        self._reconnecting.written()\n        for revoke",
        "        for revoke",
    ),
)
