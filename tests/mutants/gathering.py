"""Mutants of how a turn gathers what hosts say, and of the file on which that lies."""

from tests.mutants.mutant import Ground

LINGERING = Ground("waheal/engine/lingering.py", ("tests/unit/test_lingering.py",))
UNWRITTEN = Ground("waheal/engine/unwritten.py", ("tests/unit/test_unwritten.py",))
RECONCILIATION = Ground("waheal/engine/reconciliation.py", ("tests/unit/test_past.py",))
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
        'Attempt(doubt.origin.stamp or "", doubt.delivery, doubt.attempt)',
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
        "    unwritten.clear()\n",
        "",
    ),
    RUN.mutant(
        "kept-for-ever",
        "a run lets go of what it has written",
        "        self._link.written()\n        for revoke",
        "        for revoke",
    ),
)
