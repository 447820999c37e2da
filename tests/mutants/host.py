"""Mutants of what a host does with its jobs: replies, queues, threads, the last look."""

from tests.mutants.mutant import Ground

REPLIES = Ground("waheal/host/replies.py", ("tests/unit/test_replies.py",))
JOBS = Ground("waheal/host/jobs.py", ("tests/unit/test_jobs.py",))
SENDERS = Ground("waheal/host/senders.py", ("tests/unit/test_senders.py",))
POOL = Ground("waheal/host/pool.py", ("tests/unit/test_pool.py",))
QUEUES = Ground("waheal/host/device_queues.py", ("tests/unit/test_device_queues.py",))
AHEAD = Ground("waheal/host/look_ahead.py", ("tests/unit/test_look_ahead.py",))

MUTANTS = (
    AHEAD.mutant(
        "refusal-forgotten",
        "a refusal ends the looking ahead for a while",
        "            self._not_before[jid] = self._now() + RATE_LIMITED_HOLD\n",
        "",
    ),
    AHEAD.mutant(
        "refusal-stops-the-send",
        "a refusal ends the looking ahead, and not the send",
        "            if error_table.is_refusal(str(error)):\n                return None\n",
        "",
    ),
    AHEAD.mutant(
        "no-kept-for-ever",
        "a no is used once",
        "self._absent.pop((jid, phone), None)",
        "self._absent.get((jid, phone))",
    ),
    AHEAD.mutant(
        "silence-is-a-no",
        "no answer is not a no",
        "elif isinstance(outcome := directory.judge(phone, own), Rejected):",
        "elif outcome := directory.judge(phone, own):",
    ),
    AHEAD.mutant(
        "all-at-once",
        "so many are asked for at once, and no more",
        "AT_ONCE = 50",
        "AT_ONCE = 500",
    ),
    AHEAD.mutant(
        "one-spelling",
        "a number is asked for in every spelling",
        "[each for phone in strangers for each in every_spelling(phone)]",
        "[*strangers]",
    ),
    REPLIES.mutant(
        "text-uncounted",
        "each text has a number of its own",
        "self._told += 1",
        "self._told += 0",
    ),
    REPLIES.mutant(
        "number-forgotten",
        "a text to another device of the host holds its writer's message",
        "self._by_ending[_ending(text.phone)] = self._told",
        "pass",
    ),
    REPLIES.mutant(
        "sender-forgotten",
        "a writer known by LID alone holds the message to that LID",
        "self._by_sender[text.sender] = self._told",
        "pass",
    ),
    REPLIES.mutant(
        "nameless-unbounded",
        "nobody holds the messages to others for ever",
        "elif self._nameless[text.sender] < MOST_NAMELESS:",
        "else:",
    ),
    REPLIES.mutant(
        "nameless-bound-shared",
        "each nameless writer has a bound of their own",
        "self._nameless[text.sender] < MOST",
        "self._nameless.total() < MOST",
    ),
    REPLIES.mutant(
        "nameless-ignored",
        "a text without a number holds all whose LID is not known",
        "self._last_nameless = self._told",
        "pass",
    ),
    REPLIES.mutant(
        "heard-counts-as-unheard",
        "a claim that has heard the last text goes on",
        "> heard",
        ">= heard",
    ),
    REPLIES.mutant(
        "for-ever-unheard",
        "no text hands a message back twice",
        "> heard",
        "> 0",
    ),
    REPLIES.mutant(
        "whole-number",
        "another spelling of a number is the same writer",
        "return phone[-_ENDING:]",
        "return phone",
    ),
    REPLIES.mutant(
        "known-lid-ignored",
        "a known LID is held by its own texts alone",
        "self._last_nameless if lid is None else self._by_sender.get(lid, 0)",
        "self._last_nameless",
    ),
    REPLIES.mutant(
        "told-unlocked",
        "texts are told in the order of their numbers",
        "            out(text)\n",
        "        out(text)\n",
    ),
    JOBS.mutant(
        "reply-unheeded",
        "whoever wrote first is claimed anew",
        "if replies.unheard(self.task):",
        "if False:",
    ),
    JOBS.mutant(
        "revocation-ignored",
        "what was revoked does not enter the library",
        "if self._revoked is not None or not isinstance(self.task, Send):",
        "if not isinstance(self.task, Send):",
    ),
    JOBS.mutant(
        "late-allowed",
        "nothing is sent after its window or expiry",
        "if self.task.not_after is not None and now > self.task.not_after:",
        "if False:",
    ),
    JOBS.mutant(
        "moment-refused",
        "the last moment itself is not too late",
        "now > self.task.not_after",
        "now >= self.task.not_after",
    ),
    JOBS.mutant(
        "enters-though-cut",
        "a call that was answered for does not go on to send",
        "if self._stage is _Stage.CUT:\n            return",
        "if False:\n            return",
    ),
    JOBS.mutant(
        "stage-unnoted",
        "a job inside the library can be cut",
        "self._stage, self._handed = _Stage.CALLING, now",
        "self._handed = now",
    ),
    JOBS.mutant(
        "refused-counts-as-calling",
        "a job that was refused entry is not cut",
        "            if unwanted is None:\n                self._stage",
        "            if True:\n                self._stage",
    ),
    JOBS.mutant(
        "cut-twice",
        "a Send has exactly one Answer",
        "            self._stage = _Stage.CUT\n",
        "            pass\n",
    ),
    JOBS.mutant(
        "cut-is-silent",
        "a call that is cut is answered for",
        "self._report(_answer(self.task, Unknown(reason, running=True), self._handed))",
        "pass",
    ),
    JOBS.mutant(
        "cut-is-over",
        "a call that is cut still runs",
        "Unknown(reason, running=True)",
        "Unknown(reason)",
    ),
    JOBS.mutant(
        "second-answer",
        "after the watchdog's Answer comes a Returned",
        "                if cut\n",
        "                if False\n",
    ),
    JOBS.mutant(
        "settled-is-calling",
        "a settled job can't be cut",
        "cut, self._stage = self._stage is _Stage.CUT, _Stage.OVER",
        "cut = self._stage is _Stage.CUT",
    ),
    SENDERS.mutant(
        "no-look-before-upload",
        "the last look comes before an upload, too",
        "                self._enter_library(job)\n                client.prepare(message)",
        "                client.prepare(message)",
    ),
    SENDERS.mutant(
        "no-look-after-upload",
        "the last look comes after an upload, too",
        "                client.prepare(message)\n            self._enter_library(job)\n",
        "                client.prepare(message)\n"
        "            else:\n"
        "                self._enter_library(job)\n",
        tests=("tests/unit/test_last_look.py",),
    ),
    SENDERS.mutant(
        "call-unguarded",
        "the watchdog knows of each call",
        "        self._pool.guard(job, self._call_timeout)\n",
        "",
    ),
    SENDERS.mutant(
        "revoked-phone-ignored",
        "an opt-out reaches what is queued",
        "if task.phone in revoke.phones:",
        "if False:",
        tests=("tests/unit/test_last_look.py",),
    ),
    SENDERS.mutant(
        "revoked-device-ignored",
        "a paused device sends nothing that is queued",
        "elif task.device in revoke.devices:",
        "elif False:",
        tests=("tests/unit/test_last_look.py",),
    ),
    SENDERS.mutant(
        "everyone-revoked",
        "an opt-out revokes nobody else",
        "if task.phone in revoke.phones:",
        "if revoke.phones:",
        tests=("tests/unit/test_last_look.py",),
    ),
    SENDERS.mutant(
        "text-unnumbered",
        "each text is counted before it is told",
        "                self._replies.tell(heard(device, news), self._out)",
        "                self._out(heard(device, news))",
        tests=("tests/unit/test_last_look.py",),
    ),
    SENDERS.mutant(
        "second-copy-believed",
        "an answer after a reconnect says nothing of the first copy",
        "verdict = error_table.SECOND_COPY",
        "pass",
    ),
    SENDERS.mutant(
        "every-error-waits",
        "only an answer of the server's asks for a look at the connection",
        "if error_table.is_answer(str(error)) and client",
        "if client",
    ),
    SENDERS.mutant(
        "doubt-kept",
        "a doubtful error puts the connection in doubt",
        'client.life.doubt("connection lost in mid-send")',
        "pass",
    ),
    SENDERS.mutant(
        "attachment-retried",
        "an attachment that is no longer the same stops the run",
        "return NotSent(str(error), stops=True)",
        "return NotSent(str(error))",
    ),
    SENDERS.mutant(
        "nothing-flushed",
        "a quarantine flushes what waits for the device",
        "if isinstance(outcome, NotSent) and outcome.quarantine is not None:",
        "if False:",
    ),
    SENDERS.mutant(
        "flushed-always",
        "only a quarantine flushes what waits",
        "if isinstance(outcome, NotSent) and outcome.quarantine is not None:",
        "if isinstance(outcome, NotSent):",
    ),
    SENDERS.mutant(
        "connect-lost",
        "a Connect that was flushed is taken up again",
        "                    self._pool.put(waiting)",
        "                    pass",
    ),
    SENDERS.mutant(
        "offline-untold",
        "a lease that is lost is told as offline",
        "            self._out(offline(send.device, lost.reason, lost))\n"
        "            job.settle(outcome)",
        "            job.settle(outcome)",
    ),
    SENDERS.mutant(
        "overdue-not-abandoned",
        "the client of a hung call is given up",
        "            self._cache.abandon(job.device, client)",
        "            pass",
    ),
    SENDERS.mutant(
        "overdue-not-freed",
        "a hung call frees its device's queue",
        "        self._pool.free(job)",
        "        pass",
    ),
    SENDERS.mutant(
        "overdue-though-over",
        "a call that came back in time is left alone",
        '        if not job.cut("the library\'s call did not return"):\n            return',
        '        job.cut("the library\'s call did not return")',
        equivalent="a call that is over is not in `_calling`, and `free` looks whose the device is",
    ),
    SENDERS.mutant(
        "logout-keeps-client",
        "a device that was logged out has no client",
        "            self._cache.discard(logout.device)",
        "            pass",
    ),
    SENDERS.mutant(
        "hold-lost",
        "how long a device must rest is told",
        "NotSent(lost.reason, hold=lost.hold, quarantine=lost.quarantine)",
        "NotSent(lost.reason, quarantine=lost.quarantine)",
    ),
    SENDERS.mutant(
        "calling-kept",
        "a call that came back is no longer under way",
        "                del self._calling[job]",
        "                pass",
    ),
    SENDERS.mutant(
        "death-untold",
        "a device that dies is told as offline",
        "        if death.quarantine is not None:\n"
        "            self._out(offline(device, death.reason, death))",
        "        pass",
    ),
    SENDERS.mutant(
        "health-every-time",
        "health is told for the first connects and then now and then",
        "if connects <= _HEALTH_EACH or connects % _HEALTH_EACH == 0:",
        "if True:",
    ),
    SENDERS.mutant(
        "offline-end-relative",
        "an end is told in Unix time",
        "time.time() + why.hold",
        "why.hold",
    ),
    POOL.mutant(
        "idle-unwoken",
        "a job wakes an idle thread",
        "            if self._queues.ready:\n                self._ready.notify()\n",
        "",
    ),
    POOL.mutant(
        "nobody-hired",
        "a hung call's place is taken by a new thread",
        "for _ in range(threads):",
        "for _ in range(0):",
    ),
    POOL.mutant(
        "overdue-untold",
        "a call that is overdue is told",
        "            self._overdue(job)",
        "            pass",
    ),
    POOL.mutant(
        "watchdog-blind",
        "the watchdog looks by itself",
        "            self.check()",
        "            pass",
        tests=(
            "tests/unit/test_senders.py::test_a_call_that_hangs_is_cut_loose_and_its_device_healed",
        ),
    ),
    POOL.mutant(
        "watchdog-asleep",
        "a new call wakes the watchdog",
        "            self._taken.notify()\n",
        "",
    ),
    POOL.mutant(
        "dismissed-wakes-nobody",
        "a thread that goes passes its wake-up on",
        "                    self._ready.notify()  # its device, if that is ready, "
        "is another's to take\n",
        "",
    ),
    POOL.mutant(
        "job-kept",
        "a job that is done frees its device",
        "                self._queues.done(done)\n",
        "                pass\n",
    ),
    QUEUES.mutant(
        "order-reversed",
        "a device's jobs keep their order",
        "queue.popleft()",
        "queue.pop()",
    ),
    QUEUES.mutant(
        "served-is-ready",
        "a device has one job in hand",
        "            if job.device not in self._served:\n"
        "                self._ready.append(job.device)",
        "            self._ready.append(job.device)",
    ),
    QUEUES.mutant(
        "last-device-first",
        "devices take turns in the order in which they came",
        "device = self._ready.popleft()",
        "device = self._ready.pop()",
    ),
    QUEUES.mutant(
        "freed-twice",
        "a late end frees no other job",
        "        if self._served.get(job.device) is not job:\n            return\n",
        "        if job.device not in self._served:\n            return\n",
    ),
    QUEUES.mutant(
        "flushed-is-ready",
        "a device whose queue was flushed is not ready",
        "            self._ready.remove(device)",
        "            pass",
    ),
    QUEUES.mutant(
        "in-hand-left-out",
        "a job in hand is outstanding",
        "return [*queued, *self._served.values()]",
        "return queued",
    ),
    QUEUES.mutant(
        "queued-left-out",
        "a queued job is outstanding",
        "return [*queued, *self._served.values()]",
        "return [*self._served.values()]",
    ),
    QUEUES.mutant(
        "overdue-again",
        "a call is overdue once",
        "                state.overdue_at = None\n",
        "",
    ),
    QUEUES.mutant(
        "slow-again",
        "a slow call counts once",
        "                state.slow = True\n",
        "",
    ),
    QUEUES.mutant(
        "slow-keeps-place",
        "a slow call gives its place away",
        "                self._slow += 1\n",
        "",
    ),
    QUEUES.mutant(
        "slow-not-taken-back",
        "a slow call that is over takes its place back",
        "        self._slow -= state.slow\n",
        "",
    ),
    QUEUES.mutant(
        "connects-unbounded",
        "so many devices are connected at once, and no more",
        "if connects and self._connecting >= self._connects:",
        "if False:",
    ),
    QUEUES.mutant(
        "connected-when-over",
        "a device that is connected lets the next one connect while it sends",
        "        self._connected(state)\n\n    def look",
        "\n    def look",
    ),
    QUEUES.mutant(
        "threads-unbounded",
        "the number of threads is bounded",
        "MOST_THREADS - self.threads)",
        "10**9)",
    ),
    QUEUES.mutant(
        "nobody-dismissed",
        "threads too many are dismissed",
        "        if self.threads - self._slow <= self._places:\n            return False",
        "        return False",
    ),
)
