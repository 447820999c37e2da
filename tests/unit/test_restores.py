"""Files of a home that are lost, restored or replaced: what the store's README promises of each."""

import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.kit.ledgers import jid_of
from tests.kit.readme import table
from tests.kit.stage import ONE, TWO, FakeHost, Stage, phone, stage
from waheal.engine.past import settle_killed_runs
from waheal.hearsay import said_path
from waheal.model import Accepted, Phone, State
from waheal.seal import seal
from waheal.store.session_writer import import_sessions
from waheal.wire import Command, Send

README = Path(__file__).resolve().parents[2] / "waheal" / "store" / "README.md"

LEDGER, SESSIONS, JOURNAL = "waheal.db", "sessions.db", "claims.journal"
UNWRITTEN = "unwritten"
FEW, ALL = 2, 6
LEFT = phone(0)  # the one of the killed run's messages that did


class Home:
    """A home through several runs; between them its files are closed, and may be exchanged."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.root = path / "home"
        self.left: dict[Phone, int] = {}
        self.states: Counter[State] = Counter()
        self._lives = 0
        with self.life() as made:
            made.add(ONE, TWO)

    @contextmanager
    def life(self) -> Iterator[Stage]:
        self._lives += 1
        with stage(self._path) as made:
            made.left = self.left
            made.mark = f"-{self._lives}"
            yield made

    def send(self, people: int) -> None:
        """Let a run send to so many, but those it knows."""
        with self.life() as made:
            known = {device.label for device in made.ledger.devices.all(made.time.time())}
            for device in {ONE, TWO} - known:
                made.ledger.devices.add(device, jid_of(device), None, made.time.time())
            made.people(people)
            made.finish()
            self.states = Counter(made.states().values())

    def is_killed(
        self,
        during: Callable[[], object] = lambda: None,
        *,
        sealed: bool = True,
        answered: bool = False,
    ) -> None:
        """Let a run be killed that had four messages in flight, one of which had left."""
        with self.life() as made:

            def act(host: FakeHost, command: Command) -> None:
                match command:
                    case Send() if command.phone == LEFT:
                        during()
                        message_id = made.leaves(command)
                        if answered:
                            host.answers(command, Accepted(message_id))
                    case _:
                        pass

            made.people(ALL)
            made.killed(act)
        if sealed:  # the stage's own connection wrote once more, as it was closed
            for each in (self.root / "logs").glob("*.seal"):
                seal(self.root / SESSIONS, each)

    def logs_out(self) -> None:
        with self.life() as made:
            made.sessions.log_out(jid_of(ONE))

    def pairs_again(self) -> None:
        """Log every device out, so that row ids begin anew, and pair them."""
        with self.life() as made:
            for device in (ONE, TWO):
                made.sessions.log_out(jid_of(device))
                made.sessions.device(jid_of(device), lid=None, key=device.encode().rjust(32))

    def copy(self, *names: str) -> Path:
        """Copy these files with their times, as a backup does, whether they are open or not."""
        target = self._path / f"copy-{self._lives}"
        target.mkdir(exist_ok=True)
        for path in self._files(self.root, *names):
            shutil.copy2(path, target)
        return target

    def lose(self, *names: str) -> None:
        for path in self._files(self.root, *names):
            path.unlink()

    def restore(self, copy: Path, *names: str) -> None:
        self.lose(*names)
        for path in self._files(copy, *names):
            shutil.copy2(path, self.root)

    @staticmethod
    def _files(folder: Path, *names: str) -> list[Path]:
        return [path for name in names for path in folder.glob(f"{name}*") if path.is_file()]


# Each brings a home to where its last run has sent what it would.


def ledger_lost(home: Home) -> None:
    home.send(ALL)
    home.lose(LEDGER)
    home.send(ALL)


def ledger_lost_and_logged_out(home: Home) -> None:
    home.send(ALL)
    home.lose(LEDGER)
    home.logs_out()
    home.send(ALL)


def _restored(home: Home, *names: str, logged_out: bool = False) -> None:
    home.send(FEW)
    copy = home.copy(*names)
    home.send(ALL)
    if logged_out:
        home.logs_out()
    home.restore(copy, *names)
    home.send(ALL)


def _paired_again(home: Home, *names: str) -> None:
    home.send(FEW - 1)
    home.send(FEW)  # it read up to which row the first one went
    copy = home.copy(*names)
    home.pairs_again()
    home.send(ALL)
    home.restore(copy, *names)
    home.send(ALL)


def ledger_older(home: Home) -> None:
    _restored(home, LEDGER)


def ledger_older_and_logged_out(home: Home) -> None:
    _restored(home, LEDGER, logged_out=True)


def ledger_older_and_paired_again(home: Home) -> None:
    _paired_again(home, LEDGER)


def ledger_and_sessions_older(home: Home) -> None:
    _restored(home, LEDGER, SESSIONS)


def ledger_and_journal_older(home: Home) -> None:
    _restored(home, LEDGER, JOURNAL)


def ledger_and_journal_older_and_paired_again(home: Home) -> None:
    _paired_again(home, LEDGER, JOURNAL)


def ledger_and_journal_older_and_logged_out(home: Home) -> None:
    _restored(home, LEDGER, JOURNAL, logged_out=True)


def all_older(home: Home) -> None:
    _restored(home, LEDGER, JOURNAL, SESSIONS)


def journal_lost(home: Home) -> None:
    home.send(FEW)
    home.lose(JOURNAL)
    home.send(ALL)


def journal_older(home: Home) -> None:
    _restored(home, JOURNAL)


def sessions_older(home: Home) -> None:
    _restored(home, SESSIONS)


def lock_lost(home: Home) -> None:
    home.send(FEW)
    home.lose("waheal.lock")
    home.send(ALL)


def key_lost(home: Home) -> None:
    home.send(FEW)
    home.lose("home.key")
    home.send(ALL)


def killed(home: Home) -> None:
    home.is_killed()
    home.send(ALL)


def killed_and_sessions_lost(home: Home) -> None:
    home.is_killed()
    home.lose(SESSIONS)
    home.send(ALL)


def killed_and_sessions_from_before(home: Home) -> None:
    copy = home.copy(SESSIONS)
    home.is_killed()
    home.restore(copy, SESSIONS)
    home.send(ALL)


def killed_and_sessions_from_its_midst(home: Home) -> None:
    home.is_killed(during=lambda: home.copy(SESSIONS))
    home.restore(home.root.parent / "copy-2", SESSIONS)
    home.send(ALL)


def killed_and_imported(home: Home) -> None:
    home.is_killed(during=lambda: home.copy(SESSIONS))
    home.logs_out()
    with home.life() as made:
        settle_killed_runs(made.home, made.ledger, made.time.time())
        import_sessions(home.root.parent / "copy-2" / SESSIONS, made.home.sessions_path)
    home.send(ALL)


def killed_once_answered(home: Home) -> None:
    home.is_killed(answered=True)
    home.send(ALL)


def killed_once_answered_and_unwritten_lost(home: Home) -> None:
    home.is_killed(answered=True)
    home.lose(UNWRITTEN)
    home.send(ALL)


def killed_and_outlived_by_its_hosts(home: Home) -> None:
    """What a coordinator heard is its hosts' last words instead."""
    home.is_killed(answered=True)
    heard = home.root / UNWRITTEN
    logs = {json.loads(line)[1] for line in heard.read_text().splitlines()}
    (log,) = logs
    heard.rename(said_path(home.root / "logs" / log))
    home.send(ALL)


def killed_once_answered_and_unwritten_of_another_run(home: Home) -> None:
    home.is_killed(answered=True)
    path = home.root / UNWRITTEN
    path.write_text(path.read_text().replace('["ok", "', '["ok", "0'))
    home.send(ALL)


def killed_and_journal_lost(home: Home) -> None:
    home.is_killed()
    home.lose(JOURNAL)
    home.send(ALL)


def killed_and_logs_lost(home: Home) -> None:
    home.is_killed()
    shutil.rmtree(home.root / "logs")
    home.send(ALL)


def killed_with_all_processes(home: Home) -> None:
    home.is_killed(sealed=False)
    home.send(ALL)


SENT, PENDING, DOUBT = State.SENT, State.PENDING, State.UNCERTAIN

STORIES: dict[str, tuple[Callable[[Home], None], dict[State, int]]] = {
    "`waheal.db` lost": (ledger_lost, {DOUBT: 6}),
    "`waheal.db` lost, a device logged out since": (ledger_lost_and_logged_out, {DOUBT: 6}),
    "`waheal.db` older": (ledger_older, {SENT: 2, DOUBT: 4}),
    "`waheal.db` older, a device logged out since": (
        ledger_older_and_logged_out,
        {SENT: 2, DOUBT: 4},
    ),
    "`waheal.db` older, a device paired again since": (
        ledger_older_and_paired_again,
        {SENT: 2, DOUBT: 4},
    ),
    "`waheal.db` and `sessions.db` older": (ledger_and_sessions_older, {SENT: 2, DOUBT: 4}),
    "`waheal.db` and `claims.journal` older": (ledger_and_journal_older, {SENT: 2, DOUBT: 4}),
    "`waheal.db` and `claims.journal` older, a device paired again since": (
        ledger_and_journal_older_and_paired_again,
        {SENT: 2, DOUBT: 4},
    ),
    "`claims.journal` lost": (journal_lost, {SENT: 6}),
    "`claims.journal` older": (journal_older, {SENT: 6}),
    "`sessions.db` older": (sessions_older, {SENT: 6}),
    "`home.key` lost": (key_lost, {SENT: 6}),
    "`waheal.lock` lost": (lock_lost, {SENT: 6}),
    "a killed run": (killed, {SENT: 5, DOUBT: 1}),
    "a killed run whose hosts had answered": (killed_once_answered, {SENT: 6}),
    "a killed run whose hosts outlived it": (killed_and_outlived_by_its_hosts, {SENT: 6}),
    "a killed run whose hosts had answered, `unwritten` lost": (
        killed_once_answered_and_unwritten_lost,
        {SENT: 5, DOUBT: 1},
    ),
    "a killed run whose hosts had answered, `unwritten` of another run": (
        killed_once_answered_and_unwritten_of_another_run,
        {SENT: 5, DOUBT: 1},
    ),
    "a killed run, `claims.journal` lost": (killed_and_journal_lost, {SENT: 5, DOUBT: 1}),
    "a killed run, `sessions.db` lost": (killed_and_sessions_lost, {PENDING: 2, DOUBT: 4}),
    "a killed run, `sessions.db` from before it": (
        killed_and_sessions_from_before,
        {SENT: 2, DOUBT: 4},
    ),
    "a killed run, `sessions.db` from its midst": (
        killed_and_sessions_from_its_midst,
        {SENT: 2, DOUBT: 4},
    ),
    "a killed run, a device logged out and imported from its midst": (
        killed_and_imported,
        {SENT: 2, DOUBT: 4},
    ),
    "a killed run, `logs` lost": (killed_and_logs_lost, {SENT: 2, DOUBT: 4}),
    "a killed run, and all its processes at once": (killed_with_all_processes, {SENT: 2, DOUBT: 4}),
}

SENT_AGAIN: dict[str, Callable[[Home], None]] = {
    "`waheal.db` and `claims.journal` older, a device logged out since": (
        ledger_and_journal_older_and_logged_out
    ),
    "`waheal.db`, `claims.journal` and `sessions.db` older": all_older,
}


@pytest.mark.parametrize("name", STORIES)
def test_nobody_is_sent_to_twice_or_left_out(name: str, tmp_path: Path) -> None:
    play, expected = STORIES[name]
    home = Home(tmp_path)
    play(home)
    assert set(home.left.values()) == {1}
    assert home.states == Counter(expected)


@pytest.mark.parametrize("name", SENT_AGAIN)
def test_where_nothing_is_left_that_tells_it_is_sent_again(name: str, tmp_path: Path) -> None:
    home = Home(tmp_path)
    SENT_AGAIN[name](home)
    assert max(home.left.values()) == 2


def test_the_readme_tells_each() -> None:
    told = {row["what became of the files"]: row["then"] for row in table(README, "Restores")}
    assert set(told) == {*STORIES, *SENT_AGAIN}
    for name, (_, expected) in STORIES.items():
        assert ("uncertain" in told[name]) == (State.UNCERTAIN in expected), name
    for name in SENT_AGAIN:
        assert "twice" in told[name], name
