"""Doubt judged by the real rows of a session database and a host's log."""

from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.kit.ledgers import NOW, jid_of
from tests.kit.sends import send_of
from tests.kit.stage import ONE, Stage, phone
from waheal.engine.reconciliation import Judged, Reconciler, boot_id
from waheal.model import State
from waheal.records import Claim, Doubt, Origin, Want
from waheal.store.home import Home
from waheal.store.session_writer import stamp
from waheal.store.sessions import STAMP_TABLE, Sessions, fingerprint
from waheal.wire import Send

BOOT = "boot-1"
LOG = "host-1.log"
KEY = ONE.encode().ljust(32)


@dataclass
class Scene:
    """A device with one accepted message, and a claim in doubt behind it."""

    made: Stage
    reconciler: Reconciler
    claim: Claim

    def doubt(self) -> Doubt:
        found = self.made.ledger.doubts.find(self.claim.delivery, self.claim.attempt)
        assert found is not None
        return found

    def judge(self, accepted: str | None = None) -> Judged:
        return self.reconciler.judge(self.doubt(), "timed out", accepted=accepted)

    def send(self) -> Send:
        return send_of(self.claim)


def claimed(made: Stage, run: str) -> Claim:
    campaign = made.ledger.campaigns.find("c")
    assert campaign is not None
    (due,) = made.ledger.work.due(campaign.id, None, NOW, 1)
    want = Want(due.delivery, ONE, jid_of(ONE), None, Origin(BOOT, LOG, fingerprint(KEY), run))
    (claim,), _ = made.ledger.work.claim(campaign, [want], now=NOW)
    return claim


@pytest.fixture
def scene(made: Stage, sessions: Sessions) -> Scene:
    made.add(ONE)
    made.people(2)
    made.home.logs.mkdir(exist_ok=True)
    (made.home.logs / LOG).write_text("all well\n")
    reconciler = Reconciler(sessions, made.home.logs, BOOT)
    run = stamp(made.home.sessions_path)
    first = Scene(made, reconciler, claimed(made, run))
    message_id = made.leaves(first.send())
    made.ledger.outcomes.settle(first.claim.delivery, 1, State.SENT, now=NOW, message_id=message_id)
    return Scene(made, reconciler, claimed(made, run))


def test_without_a_session_nothing_left(scene: Scene) -> None:
    assert scene.judge() == Judged(State.PENDING, None, "nothing left: timed out")


def test_without_a_witness_nothing_left_either(scene: Scene) -> None:
    scene.made.meets(scene.send())
    assert scene.judge().state is State.PENDING


def test_with_both_it_waits_for_a_receipt_under_its_id(scene: Scene) -> None:
    message_id = scene.made.leaves(scene.send())
    judged = scene.judge()
    assert (judged.state, judged.message_id) == (State.UNCERTAIN, message_id)


@pytest.mark.parametrize(
    "line",
    [
        "WARN Client: Failed to store message secret key for outgoing message 3EB0: locked",
        "ERROR Client: Failed to place LID mappings from USync call",
        "ERROR Client: Failed to store LID-PN mapping for …55@lid -> …12: locked",
    ],
)
@pytest.mark.parametrize("met", [False, True])
def test_a_row_that_the_log_tells_of_keeps_absent_ones_from_telling(
    scene: Scene, line: str, met: bool
) -> None:
    if met:
        scene.made.meets(scene.send())
    (scene.made.home.logs / LOG).write_text(f"{line}\n")
    assert scene.judge().state is State.UNCERTAIN


def test_a_log_that_is_gone_proves_nothing(scene: Scene) -> None:
    scene.made.meets(scene.send())
    (scene.made.home.logs / LOG).unlink()
    assert scene.judge().state is State.UNCERTAIN


def test_after_a_restart_an_absent_row_proves_nothing(scene: Scene) -> None:
    scene.reconciler._boot = "boot-2"
    assert scene.judge().state is State.UNCERTAIN


def test_a_call_that_still_runs_is_never_judged_unsent(scene: Scene) -> None:
    scene.made.ledger.outcomes.running(scene.claim.delivery, 1, running=True, now=NOW)
    assert scene.judge().state is State.UNCERTAIN


def test_a_device_that_was_paired_anew_proves_nothing(scene: Scene) -> None:
    scene.made.sessions.conn.execute("UPDATE whatsmeow_device SET identity_key = x'01'")
    assert scene.judge().state is State.UNCERTAIN


def test_a_database_that_was_restored_proves_nothing(scene: Scene) -> None:
    scene.made.sessions.conn.execute("DELETE FROM whatsmeow_message_secrets")
    assert scene.judge().state is State.UNCERTAIN


def test_a_database_of_another_run_proves_nothing(scene: Scene) -> None:
    stamp(scene.made.home.sessions_path)
    assert scene.judge().state is State.UNCERTAIN


def test_a_claim_and_a_database_without_a_stamp_prove_nothing(scene: Scene) -> None:
    scene.made.sessions.conn.execute(f"DROP TABLE {STAMP_TABLE}")
    doubt = scene.doubt()
    stampless = replace(doubt, origin=replace(doubt.origin, stamp=None))
    assert scene.reconciler.judge(stampless, "timed out").state is State.UNCERTAIN


def test_an_ok_with_a_session_stands_whatever_is_missing(scene: Scene) -> None:
    scene.made.meets(scene.send())
    scene.reconciler._boot = "boot-2"
    assert scene.judge("ID") == Judged(State.SENT, "ID", None)


def test_an_ok_without_a_session_never_left(scene: Scene) -> None:
    assert not scene.reconciler.meeting(scene.claim).signal_session
    assert scene.judge("ID").state is State.PENDING


def test_an_ok_without_a_session_is_uncertain_where_rows_prove_nothing(scene: Scene) -> None:
    scene.reconciler._boot = "boot-2"
    judged = scene.judge("ID")
    assert (judged.state, judged.message_id) == (State.UNCERTAIN, "ID")


def test_a_session_is_told_by_number_and_by_lid(scene: Scene) -> None:
    scene.made.sessions.map("4711", phone(1).removeprefix("+"))
    scene.made.sessions.session("4711_1:0", our=jid_of(ONE))
    assert scene.reconciler.meeting(scene.claim).signal_session


def test_the_boot_is_the_kernels_own_and_a_copy_of_the_home_has_another(
    scene: Scene, tmp_path: Path
) -> None:
    home = scene.made.home
    copy = Home.open(tmp_path / "copy", create=True)
    kernel = Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    assert boot_id(home).startswith(kernel)
    assert boot_id(home) == boot_id(Home.open(home.root, create=False))
    assert boot_id(home) != boot_id(copy)
    before, renamed = boot_id(home), tmp_path / "renamed"
    home.root.rename(renamed)
    assert boot_id(Home.open(renamed, create=False)) == before
