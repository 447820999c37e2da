"""Mutants of what the engine keeps of its hosts and devices, and when it lets one go."""

from tests.mutants.mutant import Ground

FLEET = Ground("waheal/engine/fleet.py", ("tests/unit/test_fleet.py",))
RECYCLING = Ground("waheal/engine/recycling.py", ("tests/unit/test_recycling.py",))
NEW_CHATS = Ground("waheal/engine/new_chats.py", ("tests/unit/test_run_new_chats.py",))
TRIALS = Ground("waheal/engine/trials.py", ("tests/unit/test_suspects.py",))

MUTANTS = (
    FLEET.mutant(
        "deaths-unbounded",
        "hosts that die over and over are a fault",
        "full = len(self._deaths) == _DEATHS",
        "full = False",
    ),
    FLEET.mutant(
        "deaths-far-apart",
        "deaths far apart are no fault",
        "if full and self._deaths[-1] - self._deaths[0] < _DEATH_SPAN:",
        "if full:",
    ),
    FLEET.mutant(
        "wanted-counts",
        "a death that was wanted does not count",
        "            if not wanted:\n",
        "            if True:\n",
    ),
    FLEET.mutant(
        "dead-successor",
        "a successor that died meanwhile is not used",
        "if ready is None or not ready.lives():",
        "if ready is None:",
    ),
    RECYCLING.mutant(
        "one-late",
        "a host is worn at the limit",
        "if leaked >= self._refreshes:",
        "if leaked > self._refreshes:",
    ),
    RECYCLING.mutant(
        "busy-retired",
        "a worn host is emptied before it ends",
        "        if not busy:\n",
        "        if True:\n",
    ),
    RECYCLING.mutant(
        "waits-for-ever",
        "a call that hangs puts the exchange off",
        "elif clock - since > _PATIENCE and leaked <= self._refreshes * _HARD:",
        "elif False:",
    ),
    RECYCLING.mutant(
        "never-hard",
        "far past the limit its devices stand still until every call is over",
        "elif clock - since > _PATIENCE and leaked <= self._refreshes * _HARD:",
        "elif clock - since > _PATIENCE:",
    ),
    RECYCLING.mutant(
        "at-once-again",
        "an exchange that was put off is not tried at once",
        "self._monotonic() + _AGAIN",
        "self._monotonic()",
    ),
    RECYCLING.mutant(
        "unended-lives",
        "a host that does not end when asked is ended",
        "self._monotonic() - self._ending[host] > _GRACE",
        "self._monotonic() - self._ending[host] > 9 * _GRACE",
    ),
    RECYCLING.mutant(
        "own-death-wanted",
        "a death of its own was not wanted",
        "return self._ending.pop(host, None) is not None",
        "return True",
    ),
    NEW_CHATS.mutant(
        "rest-of-two-ignored",
        "a contact that two devices were refused by waits",
        "if (rest := refusals.rest()) > now:",
        "if (rest := refusals.rest()) > now + 1e9:",
    ),
    NEW_CHATS.mutant(
        "same-device-again",
        "another device tries whom one was refused by",
        "if not refused and opens <= now:",
        "if opens <= now:",
    ),
    NEW_CHATS.mutant(
        "shut-ignored",
        "a device that is held begins no chat",
        "        if not refused and opens <= now:\n            return None\n",
        "        if not refused:\n            return None\n",
    ),
    NEW_CHATS.mutant(
        "lock-unheeded",
        "the end that WhatsApp tells is believed",
        "member.chats.shutter.until = 0.0 if standing is None else standing[1]",
        "pass",
    ),
    NEW_CHATS.mutant(
        "silence-unheard",
        "a device whose first messages do not arrive begins no more",
        "UNANSWERED) < UNANSWERED:",
        "UNANSWERED) <= UNANSWERED:",
    ),
    TRIALS.mutant(
        "killed-counts",
        "a host that was killed proves nothing of a device",
        "        if not death.crashed:\n            return None\n",
        "",
    ),
    TRIALS.mutant(
        "one-death-is-proof",
        "nobody is set aside for one death",
        "        self.suspects = sorted(connecting)\n        return None\n",
        "        self.suspects = sorted(connecting)\n"
        "        return self.suspects.pop(0) if self.suspects else None\n",
    ),
)
