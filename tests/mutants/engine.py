"""Mutants of what drives a run: its turn, its past, its claims, its end."""

from tests.mutants.mutant import Ground

RUN = Ground("waheal/engine/run.py", ("tests/unit/test_run.py",))
PAST = Ground("waheal/engine/past.py", ("tests/unit/test_past.py",))
SEAL = Ground("waheal/seal.py", ("tests/unit/test_restores.py",))
RECONCILIATION = Ground("waheal/engine/reconciliation.py", ("tests/unit/test_reconciliation.py",))
LANDING = Ground("waheal/engine/landing.py", ("tests/unit/test_landing.py",))
HEARING = Ground("waheal/engine/hearing.py", ("tests/unit/test_hearing.py",))
FLIGHTS = Ground("waheal/engine/flights.py", ("tests/unit/test_flights.py",))
HELM = Ground("waheal/engine/helm.py", ("tests/unit/test_helm.py",))
CLAIMS = Ground("waheal/engine/claims.py", ("tests/unit/test_claims.py",))

MUTANTS = (
    CLAIMS.mutant(
        "unwanted-looked-up",
        "nobody is looked up who would not be sent to",
        "for due in dues if due.delivery in wanted]",
        "for due in dues]",
    ),
    CLAIMS.mutant(
        "looked-up-out-of-hours",
        "who must wait is not looked up",
        "dues = [due for due in member.ahead if self._later(due, now) is None]",
        "dues = [*member.ahead]",
    ),
    CLAIMS.mutant(
        "later-claim-left-out",
        "a device's later claims are looked up with its first",
        "claimed = [each.claim for each in later if each.member is member]",
        "claimed = list[Claim]()",
    ),
    RUN.mutant(
        "sent-before-commit",
        "a claim is durable before its message can leave",
        "            won = self._claim(now, told)\n"
        "        self._reconnecting.written()\n"
        "        for revoke in revoked:\n"
        "            self._fleet.broadcast(revoke)\n"
        "        self._journal.append(each.claim.witness for each in won)\n"
        "        for each in won:\n"
        "            self._flights.dispatch(each, now)\n",
        "            won = self._claim(now, told)\n"
        "            for each in won:\n"
        "                self._flights.dispatch(each, now)\n"
        "        self._reconnecting.written()\n"
        "        for revoke in revoked:\n"
        "            self._fleet.broadcast(revoke)\n"
        "        self._journal.append(each.claim.witness for each in won)\n",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "sent-before-journal",
        "a claim is in the journal before its message can leave",
        "        self._journal.append(each.claim.witness for each in won)\n"
        "        for each in won:\n"
        "            self._flights.dispatch(each, now)\n",
        "        for each in won:\n"
        "            self._flights.dispatch(each, now)\n"
        "        self._journal.append(each.claim.witness for each in won)\n",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "ground-unseen",
        "a run whose ledger is gone sends nothing more",
        "        self._ground.hold()\n",
        "",
    ),
    RUN.mutant(
        "no-journal",
        "each claim is in the journal",
        "self._journal.append(each.claim.witness for each in won)\n",
        "\n",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "outside-opt-out",
        "an opt-out from another process reaches what is in flight",
        "self._inbound.unwanted(flight.claim for flight in self._flights)",
        "self._inbound.unwanted(())",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "outside-pause",
        "a device paused by another process sends nothing more",
        "Revoke(out, stopped)",
        "Revoke(out)",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "opt-out-unheard",
        "hosts are told what is revoked",
        "            self._fleet.broadcast(revoke)\n",
        "            pass\n",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "pending-not-aside",
        "who opted out elsewhere is set aside",
        "            told += self._aside(now, revoked)\n",
        "            pass\n",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "hung-host-lives",
        "a host that hangs is ended",
        "            host.kill()\n",
        "            pass\n",
        tests=("tests/unit/test_run_hosts.py",),
    ),
    RUN.mutant(
        "last-words-lost",
        "what hosts say until their end is heeded",
        "yield from self._hear_last_words()",
        "yield from ()",
        tests=("tests/unit/test_run.py::test_a_receipt_with_the_last_words_of_a_host_counts",),
    ),
    RUN.mutant(
        "left-sending",
        "what was in flight at the end is judged",
        "yield from self._reconnecting.lasting(self._leave_in_doubt)",
        "yield from ()",
        tests=("tests/unit/test_run.py::test_the_second_interrupt_leaves_it_in_doubt",),
    ),
    RUN.mutant(
        "put-off-kept",
        "the next run considers anew whom the last one put off",
        "self._ledger.work.undefer(self._campaign.id, PUT_OFF, self._now())",
        "pass",
        tests=("tests/unit/test_run_turn.py",),
    ),
    RUN.mutant(
        "hosts-worn",
        "worn hosts are exchanged",
        "            self._recycling.look(self._flights, now)\n",
        "            pass\n",
        tests=("tests/unit/test_run_hosts.py",),
    ),
    RUN.mutant(
        "hosts-left",
        "a run whose events nobody reads on leaves no host",
        "self._fleet.end(gently=not self._course.abandoned)",
        "pass",
        tests=("tests/unit/test_run.py::test_a_run_whose_events_nobody_reads_on_leaves_no_host",),
    ),
    PAST.mutant(
        "judged-again",
        "what an earlier run judged is not judged again",
        "ledger.doubts.open(State.SENDING)",
        "ledger.doubts.open(State.SENDING, State.UNCERTAIN)",
    ),
    PAST.mutant(
        "seal-ignored",
        "after a kill, only an unbroken seal lets an absent row prove",
        "untouched = reconciler.untouched()",
        "untouched = True",
    ),
    PAST.mutant(
        "calls-run-on",
        "no call of a dead run runs on",
        "        ledger.outcomes.clear_running(now)\n",
        "",
    ),
    PAST.mutant(
        "stamp-of-run-ignored",
        "a database that was restored is read from the start",
        "same = ledger.marks.get(ledger.marks.own(STAMP)) == stamp_number(sessions.stamp())",
        "same = True",
        tests=("tests/unit/test_restores.py",),
    ),
    PAST.mutant(
        "journal-unread",
        "claims of a lost ledger are learned from the journal",
        "rows, claims = _learn_rows(ledger, sessions), _learn_claims(ledger, journal)",
        "rows, claims = _learn_rows(ledger, sessions), 0",
        tests=("tests/unit/test_restores.py",),
    ),
    PAST.mutant(
        "rows-unread",
        "messages of a lost ledger are learned from the session database",
        "rows, claims = _learn_rows(ledger, sessions), _learn_claims(ledger, journal)",
        "rows, claims = 0, _learn_claims(ledger, journal)",
    ),
    SEAL.mutant(
        "broken-is-whole",
        "whoever wrote the database has broken the seal",
        "any(_read(each) == now for",
        "any(_read(each) for",
    ),
    SEAL.mutant(
        "wal-unsealed",
        "the seal covers the WAL",
        '(database, Path(f"{database}-wal"))',
        "(database, database)",
        tests=("tests/unit/test_past.py",),
    ),
    RECONCILIATION.mutant(
        "call-over",
        "a call that runs on is told to the policy",
        "call_over=not doubt.running",
        "call_over=True",
    ),
    RECONCILIATION.mutant(
        "boot",
        "the boot of the claim is compared",
        "same_boot=origin.boot_id == self._boot",
        "same_boot=True",
    ),
    RECONCILIATION.mutant(
        "stamp",
        "the stamp of the claim is compared",
        "stamp_same=origin.stamp is not None and rows.stamp == origin.stamp",
        "stamp_same=True",
    ),
    RECONCILIATION.mutant(
        "stampless",
        "a claim without a stamp proves nothing",
        "origin.stamp is not None and rows.stamp == origin.stamp",
        "rows.stamp == origin.stamp",
    ),
    RECONCILIATION.mutant(
        "identity",
        "the login of the claim is compared",
        "rows.identity is not None and rows.identity == origin.identity",
        "rows.identity is not None",
    ),
    RECONCILIATION.mutant(
        "last-witness",
        "the last witness is looked for",
        "return self._sessions.has_witness(doubt.jid, doubt.last_witness)",
        "return True",
    ),
    RECONCILIATION.mutant(
        "log-unread",
        "the host's log is read",
        "return ROWS_LOST.search((self._logs / host_log).read_bytes()) is None",
        "return bool((self._logs / host_log).read_bytes() or True)",
    ),
    RECONCILIATION.mutant(
        "lost-lid-unread",
        "a LID that was not stored leaves an absent session unproved",
        'rb"|Failed to place LID mappings|Failed to store LID-PN mapping"',
        'rb"|Failed to store LID-PN mapping"',
    ),
    RECONCILIATION.mutant(
        "log-gone",
        "a log that is gone proves nothing",
        "return False  # a log",
        "return True  # a log",
    ),
    LANDING.mutant(
        "ok-believed",
        "an ok is believed only with a Signal session",
        "if meeting.signal_session:",
        "if True:",
    ),
    LANDING.mutant(
        "opted-out-pending",
        "who opted out meanwhile is not pending again",
        "if not recalls and self._people.is_suppressed(flight.claim.phone, lid):",
        "if False:",
    ),
    LANDING.mutant(
        "expired-pending",
        "who expired meanwhile is not pending again",
        "if flight.claim.expires is not None and flight.claim.expires <= now:",
        "if False:",
    ),
    LANDING.mutant(
        "loose-forgotten",
        "a call cut loose is marked as running",
        "self._outcomes.running(*flight.key, running=running, now=now)",
        "pass",
    ),
    LANDING.mutant(
        "late-refusal-lost",
        "a late refusal takes back what was uncertain",
        "if doubt is not None and doubt.state is State.UNCERTAIN:",
        "if False:",
    ),
    HEARING.mutant(
        "opt-out-not-revoked",
        "an opt-out reaches every host",
        "if heeded.revoked:",
        "if False:",
    ),
    HEARING.mutant(
        "texts-uncounted",
        "claims know of the texts that were taken in",
        "                self._flights.took_in(host)\n",
        "",
    ),
    HEARING.mutant(
        "dead-twice",
        "a host that was replaced is not buried again",
        "                if self._fleet.living(host):\n",
        "                if host:\n",
    ),
    FLIGHTS.mutant(
        "texts-uncounted",
        "a Send tells how many texts its claim has heard",
        "self.in_hand.texts[host] += 1",
        "self.in_hand.texts[host] += 0",
        tests=("tests/unit/test_hearing.py",),
    ),
    FLIGHTS.mutant(
        "lid-not-passed",
        "a Send names the LID of its claim",
        "        claim.lid,\n",
        "",
        tests=("tests/unit/test_hearing.py",),
    ),
    FLIGHTS.mutant(
        "hung-for-ever",
        "no flight takes for ever, whatever else its host says",
        "or clock - flight.at > _FOR_EVER * limit",
        "or False",
    ),
    FLIGHTS.mutant(
        "slow-keep-place",
        "slow flights keep no others waiting",
        "sum(1 for _ in takewhile(lambda flight: flight.at > brisk, latest_first))",
        "len(self)",
    ),
    HELM.mutant(
        "time-unbounded",
        "a run ends when its time is over",
        "self._ends is not None and now >= self._ends[0]",
        "self._ends is not None and now > self._ends[0] + 60",
    ),
    HELM.mutant(
        "later-bound",
        "the earliest bound of time ends it",
        "return min(ends, default=None)",
        "return max(ends, default=None)",
    ),
    HELM.mutant(
        "limit-unbounded",
        "a limit that is used up ends it",
        "elif self.course.claims and self._claims.used_up:",
        "elif False:",
    ),
    HELM.mutant(
        "trip-ignored",
        "too many failures end the claims",
        "        self._take(Step.TRIP, reason)\n",
        "",
    ),
    HELM.mutant(
        "stranded-unnamed",
        "a run without a device says so",
        "Step.EXHAUST if usable else Step.STRAND",
        "Step.EXHAUST",
        tests=("tests/unit/test_run.py::test_says_at_once_that_no_device_can_send",),
    ),
    HELM.mutant(
        "waits-too-long",
        "a long wait ends the run",
        "if moment is None or moment - now > self._longest_wait(now):",
        "if moment is None:",
    ),
    HELM.mutant(
        "ends-in-flight",
        "while something is in flight nothing is decided",
        "if not self.course.claims or self._flights or self._claims.more:",
        "if not self.course.claims or self._claims.more:",
    ),
    HELM.mutant(
        "deaf",
        "after the last message it listens for who asks again",
        "if not self._hearing.unanswered or self._monotonic() >= self._parts_at:",
        "if True:",
    ),
    HELM.mutant(
        "listens-for-ever",
        "it listens no longer than it is told",
        "or self._monotonic() >= self._parts_at:",
        "or False:",
    ),
    HELM.mutant(
        "moment-is-pause",
        "a moment is no pause",
        "wait > _WORTH_TELLING and",
        "wait > 0 and",
    ),
    HELM.mutant(
        "each-message-told",
        "a wait between messages is no pause",
        "and not self._claims.paced(now)",
        "and True",
    ),
    HELM.mutant(
        "loose-call-forgotten",
        "a run does not end for a call that is yet to return",
        "if moment is None and loose is not None",
        "if False",
    ),
    HEARING.mutant(
        "cut-loose-is-over",
        "what was cut loose may yet leave",
        "over=not (isinstance(outcome, Unknown) and outcome.running)",
        "over=True",
    ),
    HEARING.mutant(
        "refused-never-left",
        "what the server refused has left",
        "counts=isinstance(outcome, NotSent) and outcome.counts",
        "counts=False",
    ),
    CLAIMS.mutant(
        "window-end-ignored",
        "nothing leaves past the window's end",
        "ends = [at for at in (closes, claim.expires, leased)",
        "ends = [at for at in (claim.expires, leased)",
    ),
    CLAIMS.mutant(
        "expiry-ignored",
        "nothing leaves past its expiry",
        "ends = [at for at in (closes, claim.expires, leased)",
        "ends = [at for at in (closes, leased)",
    ),
    CLAIMS.mutant(
        "once-too-often",
        "nobody is written to more often than allowed",
        "if len(times) >= often[0]:",
        "if len(times) > often[0]:",
    ),
    CLAIMS.mutant(
        "dropped-paced",
        "what was dropped uses up no pace",
        "        self._forget(member, now, new_chat=want.new_chat)\n",
        "",
    ),
    CLAIMS.mutant(
        "limit-per-turn",
        "a run's limit holds over its turns",
        "min(room, limit - self._claimed)",
        "min(room, limit)",
    ),
    CLAIMS.mutant(
        "total-ignored",
        "the total rate holds over all devices",
        "if self._total_allowed(now) > now:",
        "if False:",
    ),
    CLAIMS.mutant(
        "stampless",
        "each claim names the run's stamp",
        "Origin(self._boot, log, identity, self.stamp)",
        'Origin(self._boot, log, identity, "")',
        tests=("tests/unit/test_past.py",),
    ),
)
