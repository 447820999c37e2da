"""Mutants of what decides: doubt, hours, tries, opt-outs, breakers, routing."""

from tests.mutants.mutant import Ground

DOUBT = Ground("waheal/policy/doubt.py", ("tests/unit/test_doubt.py",))
WINDOWS = Ground("waheal/policy/windows.py", ("tests/unit/test_windows.py",))
RETRY = Ground("waheal/policy/retry.py", ("tests/unit/test_retry.py",))
OPTOUT = Ground("waheal/policy/optout.py", ("tests/unit/test_optout.py",))
FORMS = Ground("waheal/vocabulary/forms.py", ("tests/unit/test_optout.py",))
BREAKER = Ground("waheal/policy/breaker.py", ("tests/unit/test_breaker.py",))
CHATS = Ground("waheal/policy/chat_limits.py", ("tests/unit/test_chats.py",))
ROUTING = Ground("waheal/policy/routing.py", ("tests/unit/test_routing.py",))

MUTANTS = (
    DOUBT.mutant(
        "call-over",
        "while its call runs, an absent row proves nothing",
        "lambda seen: seen.call_over,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "same-boot",
        "after a restart of the machine an absent row proves nothing",
        "lambda seen: seen.same_boot,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "identity-same",
        "another login's rows prove nothing",
        "lambda seen: seen.identity_same,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "stamp-same",
        "another run's database proves nothing",
        "lambda seen: seen.stamp_same,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "untouched",
        "a database written since proves nothing",
        "lambda seen: seen.untouched,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "last-witness",
        "a database without its last witness proves nothing",
        "lambda seen: seen.last_witness_there is not False,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "first-attempt-in-doubt",
        "a device that had nothing accepted yet may still prove",
        "seen.last_witness_there is not False",
        "seen.last_witness_there is True",
    ),
    DOUBT.mutant(
        "log-clean",
        "a log that tells of a lost row leaves the absent one unproved",
        "lambda seen: seen.log_clean,",
        "lambda _: True,",
    ),
    DOUBT.mutant(
        "both-rows-unsent",
        "with both rows it may have left",
        "(True, True): (NEVER,)",
        "(True, True): ABSENT",
    ),
    DOUBT.mutant(
        "ok-without-session",
        "an ok without a Signal session is no proof of sending",
        "if seen.accepted and seen.signal_session:",
        "if seen.accepted:",
    ),
    DOUBT.mutant(
        "ok-with-session-doubted",
        "an ok with a Signal session stands",
        "if seen.accepted and seen.signal_session:",
        "if False:",
    ),
    DOUBT.mutant(
        "unmet-ok-believed",
        "an ok without a session stays in doubt where a condition is unmet",
        "return Undecided(unmet[0]) if seen.accepted else _known(seen, unmet[0])",
        "return _known(seen, unmet[0])",
    ),
    WINDOWS.mutant(
        "end-inclusive",
        "the end of a window is outside of it",
        "now < self._spans[place - 1][1]",
        "now <= self._spans[place - 1][1]",
    ),
    WINDOWS.mutant(
        "start-exclusive",
        "the start of a window is inside of it",
        "if span is None or span[0] > now:",
        "if span is None or span[0] >= now:",
    ),
    WINDOWS.mutant(
        "touching-apart",
        "spans that touch are one",
        "span[0] <= held[1]",
        "span[0] < held[1]",
    ),
    WINDOWS.mutant(
        "open-in-any-zone",
        "a number of several zones is open when all are",
        "start = max(one[mine][0]",
        "start = min(one[mine][0]",
    ),
    WINDOWS.mutant(
        "opens-at-first-fold",
        "a time that comes twice opens at the later",
        "return second if opens else first",
        "return first",
    ),
    WINDOWS.mutant(
        "closes-at-second-fold",
        "a time that comes twice closes at the earlier",
        "return second if opens else first",
        "return second",
    ),
    WINDOWS.mutant(
        "skipped-time",
        "a time that the clock skips is the moment of the skip",
        "if first > second:",
        "if False:",
    ),
    WINDOWS.mutant(
        "clock-set-back",
        "what was worked out for later is not used for earlier",
        "known.since <= now < known.since",
        "now < known.since",
    ),
    WINDOWS.mutant(
        "timeline-run-out",
        "what was worked out is renewed in time",
        "< known.since + _REFRESH",
        "< known.since + 9 * _REFRESH",
    ),
    WINDOWS.mutant(
        "never-is-now",
        "where zones never agree, nobody is written to",
        "return now + _LONGEST if span is None",
        "return now if span is None",
    ),
    WINDOWS.mutant(
        "always-closes",
        "a window of all hours never closes",
        "return None if span[1] - span[0] > _LONGEST else span[1]",
        "return span[1]",
    ),
    WINDOWS.mutant(
        "minute-60",
        "an hour has no 60th minute",
        "> 59 or start",
        "> 60 or start",
    ),
    WINDOWS.mutant(
        "next-days-evening",
        "a window over midnight belongs to the day on which it begins",
        "begins.weekday() in window.days",
        "(begins + timedelta(days=1)).weekday() in window.days",
    ),
    WINDOWS.mutant(
        "placed-mobile",
        "a mobile number has every zone of its country",
        "if kind == PhoneNumberType.UNKNOWN or",
        "if True or",
    ),
    WINDOWS.mutant(
        "small-country",
        "the zones of +7 are not a Kazakh mobile's",
        "== _main_region(code) else",
        "else",
    ),
    RETRY.mutant(
        "one-try-more",
        "tries are bounded",
        "if tries >= max_tries:",
        "if tries > max_tries:",
    ),
    RETRY.mutant(
        "try-uncounted",
        "a counted refusal uses up a try",
        "_counted(outcome, tries + 1,",
        "_counted(outcome, tries,",
    ),
    RETRY.mutant(
        "waits-early",
        "the first attempts that do not count wait for nothing",
        "attempt - _FREE_ATTEMPTS, jitter",
        "attempt - _FREE_ATTEMPTS + 1, jitter",
    ),
    RETRY.mutant(
        "waits-never",
        "a fault that never ends is not retried in a loop",
        "now + wait, reason)",
        "now, reason)",
    ),
    RETRY.mutant(
        "zeroth-waits",
        "there is no wait before the zeroth repetition",
        "if nth <= 0:",
        "if nth < 0:",
    ),
    RETRY.mutant(
        "uncapped",
        "a wait has a cap",
        "min(cap, base * factor ** (nth - 1))",
        "base * factor ** (nth - 1)",
    ),
    RETRY.mutant(
        "overflow",
        "any number of repetitions has its wait",
        "cap if nth > 64 else",
        "cap if nth > 6400 else",
    ),
    RETRY.mutant(
        "jitter-doubled",
        "chance adds up to a half",
        "(1 + jitter / 2)",
        "(1 + jitter)",
    ),
    RETRY.mutant(
        "unknown-is-pending",
        "what may have left is not sent again",
        "Consequence(State.UNCERTAIN, reason",
        "Consequence(State.PENDING, reason",
    ),
    OPTOUT.mutant(
        "long-message",
        "a long message is a sentence",
        "if len(text) > _LONGEST:",
        "if len(text) > 9 * _LONGEST:",
    ),
    OPTOUT.mutant(
        "start-wins",
        "a word of both lists stops",
        "self._found.update((form, Found(intent, word)) for form in forms(word) if form)",
        "for form in filter(None, forms(word)):\n"
        "                self._found.setdefault(form, Found(intent, word))",
    ),
    OPTOUT.mutant(
        "own-stop-words",
        "the operator's stop words count",
        "chain(*STOP_WORDS.values(), extra_stop)",
        "chain(*STOP_WORDS.values())",
    ),
    OPTOUT.mutant(
        "own-start-words",
        "the operator's start words count",
        "chain(*START_WORDS.values(), extra_start)",
        "chain(*START_WORDS.values())",
    ),
    OPTOUT.mutant(
        "impolite",
        "a please or a thank-you changes nothing",
        "self._found.get(bare)",
        "None",
    ),
    OPTOUT.mutant(
        "first-word-stops",
        "a sentence that contains the word is no opt-out",
        "if len(set(words)) == 1",
        "if words",
    ),
    FORMS.mutant(
        "accents-kept",
        "accents change nothing",
        '{"Mn", "Me", "Cf"}',
        '{"Me", "Cf"}',
    ),
    FORMS.mutant(
        "marks-kept",
        "marks of direction change nothing",
        '{"Mn", "Me", "Cf"}',
        '{"Mn", "Me"}',
    ),
    FORMS.mutant(
        "dotless",
        "a dotless i is an i",
        'folded.replace("\\u0131", "i")',
        "folded",
    ),
    BREAKER.mutant(
        "one-late",
        "the share is asked from the given number on",
        "self._settled < max(self._after, 1)",
        "self._settled <= max(self._after, 1)",
    ),
    BREAKER.mutant(
        "share-reached",
        "the share itself is allowed",
        "self._failed / self._settled <= self._threshold",
        "self._failed / self._settled < self._threshold",
    ),
    BREAKER.mutant(
        "patience-short",
        "so many connects may fail before a quarantine",
        "if over < 0:",
        "if over <= 0:",
    ),
    BREAKER.mutant(
        "patience-long",
        "not one more may fail",
        "over = self._failures - _PATIENCE",
        "over = self._failures - _PATIENCE - 1",
    ),
    BREAKER.mutant(
        "failed-unsettled",
        "who failed is settled",
        "State.READ, State.FAILED})",
        "State.READ})",
    ),
    BREAKER.mutant(
        "quarantine-level",
        "quarantines grow",
        "backoff(over + 1, jitter, base=60.0",
        "backoff(1, jitter, base=60.0",
    ),
    ROUTING.mutant(
        "failover-unasked",
        "a bond outlives its device where the operator says so",
        "(gone and failover)",
        "gone",
    ),
    ROUTING.mutant(
        "failover-early",
        "a device that only rests keeps its contacts",
        "(gone and failover)",
        "failover",
    ),
    ROUTING.mutant(
        "always-sticky",
        "without bonds anyone may write",
        "not sticky or (gone",
        "(gone",
    ),
    CHATS.mutant(
        "hold-unbounded",
        "no hold is longer than two days",
        "min(_LONGEST_HOLD, _FIRST_HOLD * 2.0 ** min(before, 8))",
        "_FIRST_HOLD * 2.0 ** min(before, 8)",
    ),
    CHATS.mutant(
        "ramp-endless",
        "a ramp ends at its last number",
        "min(max(int(age // DAY), 0), self.days)",
        "max(int(age // DAY), 0)",
    ),
    CHATS.mutant(
        "larger-of-the-two",
        "the smaller of budget and ramp holds",
        "return min((each for each in both if each is not None), default=None)",
        "return max((each for each in both if each is not None), default=None)",
    ),
    CHATS.mutant(
        "hold-ends-with-budget",
        "a hold outlasts a budget that is free",
        "return max(free, self.shutter.until, now)",
        "return max(free, now)",
    ),
    CHATS.mutant(
        "hold-does-not-grow",
        "each hold in a row is longer",
        "else hold(limits.holds)",
        "else hold(0)",
    ),
    CHATS.mutant(
        "lift-ends-quota",
        "the word that a lock is over leaves a used-up quota",
        "    return replace(limits, shut=now, why=None, guessed=None, holds=0)\n\n\ndef hear",
        "    return replace(limits, shut=now, why=None, guessed=None, capped=False)\n\n\ndef hear",
    ),
    CHATS.mutant(
        "old-word-heard",
        "what WhatsApp said earlier, and comes later, changes nothing",
        "return at is not None and known is not None and at < int(known)",
        "return False",
    ),
    CHATS.mutant(
        "guess-outlasts-quota",
        "a used-up quota explains why chats were refused",
        "if limits.capped and guessed and",
        "if False and",
    ),
)
