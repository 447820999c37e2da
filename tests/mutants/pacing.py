"""Mutants of pace: windows, gaps, and how they are spread."""

from tests.mutants.mutant import Ground

PACING = Ground("waheal/policy/pacing.py", ("tests/unit/test_pacing.py",))

MUTANTS = (
    PACING.mutant(
        "one-too-few",
        "N a window means N",
        "due = max(due, self._latest(count) + seconds)",
        "due = max(due, self._latest(count - 1) + seconds)",
    ),
    PACING.mutant(
        "one-too-many",
        "no more than N lie in a window",
        "due = max(due, self._latest(count) + seconds)",
        "due = max(due, self._latest(count + 1) + seconds)",
    ),
    PACING.mutant(
        "under-way-forgotten",
        "what is under way is yet to leave",
        "return inf if nth <= under_way else",
        "return -inf if nth <= under_way else",
    ),
    PACING.mutant(
        "left-when-claimed",
        "a message counts from when its call was over",
        "self._sent.note(max(claimed, over))",
        "self._sent.note(claimed)",
    ),
    PACING.mutant(
        "left-before-its-claim",
        "a message never counts from before its claim",
        "self._sent.note(max(claimed, over))",
        "self._sent.note(over)",
    ),
    PACING.mutant(
        "several-at-a-time",
        "where a rate is spread, a device has one message under way",
        "if self._under_way and self._one_at_a_time:",
        "if False:",
    ),
    PACING.mutant(
        "always-one-at-a-time",
        "fast devices have the next one ready",
        "(self._gap > 0.0 or self._apart >= _APART)",
        "(self._gap > 0.0 or self._apart > 0.0)",
    ),
    PACING.mutant(
        "spread-by-claims-alone",
        "messages that waited for a connect do not leave together with the next",
        "self._not_before = left + self._apart * (1.0 - SPREAD_BY)",
        "self._not_before = claimed",
    ),
    PACING.mutant(
        "spread-from-the-ack",
        "a slow ack does not put a spread off",
        "left = over if handed is None else min(max(claimed, handed), over)",
        "left = over",
    ),
    PACING.mutant(
        "all-made-up-for",
        "what a spread is late by is made up for by one message, not by all",
        "before = max(self._turn, now - max(self._interval, _CATCH_UP))",
        "before = self._turn",
    ),
    PACING.mutant(
        "turn-used-up",
        "what was not sent leaves its turn to the next",
        "self._turn -= added",
        "pass",
    ),
    PACING.mutant(
        "day-not-spread",
        "a day is spread over what is left of its hours",
        "(closes - now) / left",
        "0.0 * left",
    ),
    PACING.mutant(
        "day-before-counted",
        "a day's budget is that of the day that ends when the hours do",
        "self._sent.count(closes - DAY)",
        "self._sent.count(-inf)",
    ),
    PACING.mutant(
        "day-without-end",
        "without an end within a day a day is not spread",
        "not now < closes <= now + DAY",
        "not now < closes",
    ),
    PACING.mutant(
        "longer-than-a-run-waits",
        "no spread makes anybody wait longer than a run does",
        "min(max(spans, default=0.0), self._longest)",
        "max(spans, default=0.0)",
    ),
    PACING.mutant(
        "burst-unheard",
        "a burst lets all go at once",
        "spread=not self.burst,",
        "spread=True,",
    ),
    PACING.mutant(
        "full-window-unseen",
        "a window is full with its Nth",
        "if len(self._times) >= nth",
        "if len(self._times) > nth",
    ),
    PACING.mutant(
        "unknown-past-is-free",
        "a window that reaches beyond the history is full",
        "else self._since",
        "else -inf",
    ),
    PACING.mutant(
        "jitter-lost",
        "jitter lengthens the gap",
        "+ self._gap + self._stretch if",
        "+ self._gap if",
    ),
    PACING.mutant(
        "count-inclusive",
        "what was noted at the moment itself is not after it",
        "bisect_right(self._times, since)",
        "bisect_left(self._times, since)",
    ),
    PACING.mutant(
        "forget-another",
        "only the message that was not sent is given back",
        "if at == claimed:",
        "if True:",
    ),
    PACING.mutant(
        "shift-back",
        "a message never counts from before it was noted",
        "if settled > noted:",
        "if settled != noted:",
    ),
    PACING.mutant(
        "note-unsorted",
        "the order holds though the clock is set back",
        "insort(self._times, at)",
        "self._times.append(at)",
    ),
    PACING.mutant(
        "history-without-gap",
        "the gap reaches into the history",
        "- self.gap - HISTORY_MARGIN",
        "- HISTORY_MARGIN",
    ),
    PACING.mutant(
        "history-without-margin",
        "a clock that is set back a little stalls nothing",
        "- self.gap - HISTORY_MARGIN",
        "- self.gap",
    ),
    PACING.mutant(
        "looser",
        "of two limits the stricter holds",
        "return min((count for count",
        "return max((count for count",
    ),
    PACING.mutant(
        "zero-rate",
        "a rate of nothing is refused",
        "seconds is None or not int(match[1])",
        "seconds is None",
    ),
)
