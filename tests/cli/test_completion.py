"""What the shell offers behind a command's words, and that nothing is made or told for it."""

from pathlib import Path

from tests.cli.support import Waheal
from tests.kit.ledgers import ANNA, NOW, ONE, TWO, jid_of, row, start
from waheal.store.home import Home
from waheal.store.ledger import Ledger


def offered(waheal: Waheal, *words: str) -> list[str]:
    env = {
        "_WAHEAL_COMPLETE": "complete_bash",
        "COMP_WORDS": " ".join(["waheal", *words]),
        "COMP_CWORD": str(len(words)),
    }
    done = waheal(env=env)
    assert (done.code, done.err) == (0, "")
    return done.out.split()


def test_labels_and_campaigns_are_offered(waheal: Waheal, home: Path) -> None:
    with Ledger.open(Home.open(home, create=True)) as ledger:
        for label in (ONE, TWO):
            ledger.devices.add(label, jid_of(label), None, NOW)
        start(ledger, row(2, ANNA), name="news")
    assert offered(waheal, "devices", "pause", "") == [ONE, TWO]
    assert offered(waheal, "devices", "remove", ONE[:2]) == [ONE]
    assert offered(waheal, "report", "n") == ["news"]
    assert offered(waheal, "status", "x") == []


def test_words_that_an_option_takes_are_offered(waheal: Waheal, home: Path) -> None:
    assert "quarantined" in offered(waheal, "devices", "list", "--state", "")
    assert offered(waheal, "help", "exit") == ["exit-codes"]
    assert not home.exists()


def test_a_home_that_is_out_of_order_offers_nothing(waheal: Waheal, home: Path) -> None:
    assert offered(waheal, "devices", "pause", "") == []
    assert not home.exists()
    made = Home.open(home, create=True)
    made.ledger_path.write_bytes(b"no database" * 500)
    assert offered(waheal, "devices", "pause", "") == []
