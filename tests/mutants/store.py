"""Mutants of what is kept: claims, outcomes, receipts, the file, the lock, the key, the journal."""

from tests.mutants.mutant import Ground

WORK = Ground("waheal/store/work.py", ("tests/unit/test_work.py",))
WANTED = Ground("waheal/store/wanted.py", ("tests/unit/test_work.py",))
OUTCOMES = Ground("waheal/store/outcomes.py", ("tests/unit/test_receipts.py",))
DATABASE = Ground("waheal/store/database.py", ("tests/unit/test_database.py",))
SQLITE = Ground("waheal/store/sqlite.py", ("tests/unit/test_database.py",))
LOCK = Ground("waheal/store/lock.py", ("tests/unit/test_lock.py",))
HOME = Ground("waheal/store/home.py", ("tests/unit/test_home.py",))
JOURNAL = Ground("waheal/store/claim_journal.py", ("tests/unit/test_claim_journal.py",))
GROUND = Ground("waheal/store/ground.py", ("tests/unit/test_ground.py",))
LEDGER = Ground("waheal/store/ledger.py", ("tests/unit/test_work.py",))
FOREIGN = Ground("waheal/store/foreign.py", ("tests/unit/test_foreign.py",))
PRECEDENTS = Ground("waheal/store/precedents.py", ("tests/unit/test_foreign.py",))
WITNESS = Ground("waheal/store/witness.py", ("tests/unit/test_witness.py",))

MUTANTS = (
    GROUND.mutant(
        "gone-forgiven",
        "a file that is deleted under a run is told",
        "if found is not None:",
        "if found is not None and now is not None:",
    ),
    GROUND.mutant(
        "replaced-unseen",
        "a file that is replaced under a run is told",
        "return info.st_dev, info.st_ino",
        "return info.st_dev, 0",
    ),
    LEDGER.mutant(
        "key-made-anew",
        "a key that is lost under a run is not made anew unseen",
        "cache(home.key)",
        "home.key",
    ),
    WORK.mutant(
        "lid-not-passed",
        "a claim tells the LID that its Send names",
        "row.expires, want.lid,",
        "row.expires, None,",
    ),
    WORK.mutant(
        "no-suppression-look",
        "whoever opted out is not claimed",
        "if row.opted_out and not content.recalls:",
        "if False:",
    ),
    WANTED.mutant(
        "no-lid-look",
        "an opt-out is known by its LID, too",
        "WHERE s.lid IN (w.told, w.lid, w.met)",
        "WHERE s.lid IN (w.lid, w.met)",
    ),
    WORK.mutant(
        "twin-claimed",
        "one person under two numbers is written to once",
        "elif row.twin is not None:",
        "elif row.twin is not None and not row.phone:",
    ),
    WORK.mutant(
        "twin-beside-it",
        "one person among those that are claimed together is written to once",
        "not names.isdisjoint(row.names)",
        "want.delivery in names",
    ),
    WORK.mutant(
        "expired-claimed",
        "nobody is claimed at their expiry",
        "if row.expires is not None and row.expires <= now:",
        "if row.expires is not None and row.expires < now:",
    ),
    WANTED.mutant(
        "running-claimed",
        "who has a call that still runs is not claimed",
        "d.state = 'pending' AND d.running = 0",
        "d.state = 'pending'",
        tests=("tests/unit/test_endings.py",),
    ),
    WORK.mutant(
        "running-due",
        "who has a call that still runs is not due",
        ":campaign AND state = 'pending' AND running = 0\n   AND listed",
        ":campaign AND state = 'pending'\n   AND listed",
        tests=("tests/unit/test_endings.py",),
    ),
    WORK.mutant(
        "unlisted-due",
        "nobody is claimed whose row is bad",
        "   AND listed = 1\n",
        "",
    ),
    WORK.mutant(
        "due-exclusive",
        "who is due now is due",
        "due > 0 AND due <= :now",
        "due > 0 AND due < :now",
    ),
    WORK.mutant(
        "foreign-ignored",
        "what an earlier ledger sent is not sent again",
        "made_before(self._db, self._key(), campaign, claim, now) or claim for",
        "claim for",
        tests=("tests/unit/test_foreign.py",),
    ),
    PRECEDENTS.mutant(
        "foreign-first-only",
        "an earlier ledger's later attempts are known, too",
        "_LOOKED_UP = 64",
        "_LOOKED_UP = 1",
    ),
    WORK.mutant(
        "pinned-freed",
        "a pin is never broken",
        "lane = ? AND pinned = 0 AND state",
        "lane = ? AND state",
    ),
    OUTCOMES.mutant(
        "unfenced",
        "a sender that outlived its claim settles nothing",
        "if row is None or row.attempt != ending.attempt:",
        "if row is None:",
        tests=("tests/unit/test_endings.py",),
    ),
    OUTCOMES.mutant(
        "settled-again",
        "what is settled is not settled again",
        "before in {State.SENDING, State.UNCERTAIN} and may(before, state)",
        "True",
        tests=("tests/unit/test_endings.py",),
    ),
    OUTCOMES.mutant(
        "backward",
        "a receipt moves nothing backward",
        "moves = may(before, after) and before in (_OPEN_LATER if earlier else _OPEN[kind])",
        "moves = True",
    ),
    OUTCOMES.mutant(
        "failed-moved",
        "what failed is the operator's to resolve",
        "may(before, after) and before in (_OPEN_LATER if earlier else _OPEN[kind])",
        "may(before, after)",
    ),
    OUTCOMES.mutant(
        "other-device",
        "a receipt is matched by its device, too",
        "AND (a.device = s.device OR",
        "AND (a.device <> '' OR",
    ),
    OUTCOMES.mutant(
        "label-only",
        "a receipt is matched by its login, whatever that is called by now",
        " OR a.jid = (SELECT jid FROM devices WHERE label = s.device)",
        "",
    ),
    OUTCOMES.mutant(
        "old-attempt",
        "a receipt of an earlier attempt settles no newer one that is sent",
        "earlier = met.attempt != met.current",
        "earlier = False",
    ),
    OUTCOMES.mutant(
        "early-lost",
        "a receipt that overtakes its answer is kept",
        "writes.kept.append(seen[place])",
        "pass",
    ),
    OUTCOMES.mutant(
        "retry-delivers",
        "a retry is no delivery",
        "ReceiptKind.RETRY: State.SENT",
        "ReceiptKind.RETRY: State.DELIVERED",
    ),
    OUTCOMES.mutant(
        "retry-settles-sending",
        "a retry says nothing while the answer is awaited",
        "ReceiptKind.RETRY: frozenset({State.UNCERTAIN})",
        "ReceiptKind.RETRY: frozenset({State.SENDING, State.UNCERTAIN})",
        equivalent="an attempt learns its id as it ends: none that is being sent is found by it",
    ),
    OUTCOMES.mutant(
        "retry-readable",
        "what a phone asks for again is unreadable until it confirms it",
        "writes.unreadable.append(met.delivery)",
        "pass",
    ),
    OUTCOMES.mutant(
        "unreadable-for-ever",
        "what was delivered was opened",
        "due = 0, unreadable = 0, updated = ?",
        "due = 0, updated = ?",
    ),
    OUTCOMES.mutant(
        "tries-uncounted",
        "a try that was used up is counted",
        "tries = tries + :counts",
        "tries = tries",
        tests=("tests/unit/test_endings.py",),
    ),
    OUTCOMES.mutant(
        "refused-unpaced",
        "a refusal that counts, counts against the device's limits",
        '"counted": ending.counts or not never_left',
        '"counted": not never_left',
        tests=("tests/unit/test_history.py",),
    ),
    OUTCOMES.mutant(
        "unsent-reached",
        "what never left does not count against the recipient's limit",
        '"reached": not never_left',
        '"reached": True',
        tests=("tests/unit/test_history.py",),
    ),
    OUTCOMES.mutant(
        "contact-forgotten",
        "a device keeps those to whom it has written",
        "for row, ending in taken if ending.state in _TAKEN]",
        "for row, ending in taken if False]",
        tests=("tests/unit/test_endings.py",),
    ),
    SQLITE.mutant(
        "normal-sync",
        "a claim outlives a power loss",
        "PRAGMA synchronous = FULL",
        "PRAGMA synchronous = NORMAL",
    ),
    SQLITE.mutant(
        "no-wal",
        "readers and the writer do not wait for each other",
        "PRAGMA journal_mode = WAL",
        "PRAGMA journal_mode = DELETE",
    ),
    SQLITE.mutant(
        "deferred",
        "a transaction waits for its turn as it begins",
        "BEGIN IMMEDIATE",
        "BEGIN DEFERRED",
    ),
    DATABASE.mutant(
        "inner-commits",
        "an inner transaction is committed with the outer",
        "            if self._db.depth == 0:\n                self._db.end(",
        "            if self._db.depth >= 0:\n                self._db.end(",
    ),
    SQLITE.mutant(
        "modes-open",
        "the ledger is for its owner alone",
        'for suffix in ("", "-wal", "-shm"):',
        "for suffix in ():",
        tests=("tests/unit/test_ledger.py",),
    ),
    SQLITE.mutant(
        "wal-open",
        "so is its WAL",
        'for suffix in ("", "-wal", "-shm"):',
        'for suffix in ("",):',
        tests=("tests/unit/test_ledger.py",),
    ),
    LOCK.mutant(
        "replaced-folder",
        "a lock on a folder that was replaced guards nothing",
        "if not same:",
        "if False:",
    ),
    LOCK.mutant(
        "not-inherited",
        "a host keeps the lock of its dead coordinator",
        "os.set_inheritable(descriptor, True)",
        "os.set_inheritable(descriptor, False)",
    ),
    LOCK.mutant(
        "unlocked",
        "a release does not free the lock under the children",
        "os.close(descriptor)  # not LOCK_UN",
        "fcntl.flock(descriptor, fcntl.LOCK_UN)  # not LOCK_UN",
    ),
    LOCK.mutant(
        "reused-pid",
        "a reused pid is not taken for the holder",
        "_born(note.pid) == note.born is not None",
        "_born(note.pid) is not None",
    ),
    LOCK.mutant(
        "zombie-lives",
        "a holder that nobody has reaped is dead",
        'return None if state in {"Z", "X"} else rest[18]',
        "return rest[18] if state else None",
    ),
    LOCK.mutant(
        "orphans-unawaited",
        "a dead holder's children have time to end",
        "if holder is not None and holder.alive:",
        "if holder is not None:",
    ),
    HOME.mutant(
        "key-through-link",
        "the key is no link",
        "os.open(path, os.O_RDONLY | os.O_NOFOLLOW |",
        "os.open(path, os.O_RDONLY |",
    ),
    HOME.mutant(
        "key-open",
        "a key that others can read is refused",
        "if info.st_uid != os.geteuid() or info.st_mode & _OTHERS:\n            raise",
        "if info.st_uid != os.geteuid():\n            raise",
    ),
    HOME.mutant(
        "short-key",
        "a short key is refused",
        "if len(kept) != _KEPT_BYTES:",
        "if len(kept) > _KEPT_BYTES:",
    ),
    HOME.mutant(
        "settings-through-link",
        "the settings are no link",
        "flags = os.O_RDONLY | os.O_NOFOLLOW |",
        "flags = os.O_RDONLY |",
    ),
    JOURNAL.mutant(
        "half-kept",
        "half a witness that a crash left is written over",
        ".st_size // WIDTH * WIDTH\n",
        ".st_size\n",
    ),
    JOURNAL.mutant(
        "past-its-end",
        "a shorter journal is another one, read from the start",
        "mark * WIDTH if mark <= self.count() else 0",
        "mark * WIDTH",
    ),
    JOURNAL.mutant(
        "all-again",
        "what was read is not read again",
        "mark * WIDTH if mark <= self.count() else 0",
        "0",
    ),
    JOURNAL.mutant(
        "through-link",
        "the journal is no link",
        " | os.O_CLOEXEC | os.O_NOFOLLOW",
        " | os.O_CLOEXEC",
    ),
    FOREIGN.mutant(
        "own-are-foreign",
        "what this ledger sent is not another's",
        "WHERE NOT EXISTS (SELECT 1 FROM attempts WHERE witness = :key)",
        "WHERE :key IS NOT NULL",
    ),
    WITNESS.mutant(
        "attempt-left-out",
        "each attempt has a witness of its own",
        "\\0{attempt}",
        "",
    ),
)
