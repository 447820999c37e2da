"""Files that change, go or come in mid-send: the home's own, and the operator's."""

import csv
import shutil
import signal
import time
from collections.abc import Callable
from pathlib import Path

from tests.kill.disasters.disaster import (
    IDENTITY,
    KNOWN,
    RECEIPT,
    RESTORED,
    ROW,
    SEAL,
    STAMP,
    Disaster,
)
from tests.kill.disasters.ordeal import Ordeal
from tests.kit.rig import PATIENCE
from waheal.model import DeviceId, ExitCode, Phone
from waheal.store.ledger import Ledger

_PAPER = b"%%PDF-1.4\n%s\n%%%%EOF\n"


def _lose(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
        return
    for each in path.parent.glob(f"{path.name}*"):
        each.unlink()


def _relinked(ordeal: Ordeal) -> None:
    """Let a new ledger know the devices whose logins the session database has."""
    made = ordeal.scene
    with Ledger.open(made.home) as ledger:
        ledger.bind(made.server.trust.noise_root)
        for number, device in enumerate(made.control.devices.linked()):
            label = DeviceId(f"d{number}")
            ledger.devices.add(label, device.jid, Phone(device.number), time.time())


def ledger_deleted(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    _lose(ordeal.scene.home.ledger_path)
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    _relinked(ordeal)


def ledger_replaced(ordeal: Ordeal) -> None:
    """A backup from before the run is put in the ledger's place, under the run."""
    ledger = ordeal.scene.home.ledger_path
    backup = ledger.with_name("backup")
    shutil.copy2(ledger, backup)
    run = ordeal.midst()
    _lose(ledger)
    backup.replace(ledger)
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)


def sessions_deleted(ordeal: Ordeal) -> None:
    """The logins are gone with it: a backup is put back once the run has ended."""
    sessions = ordeal.scene.home.sessions_path
    backup = sessions.with_name("backup")
    shutil.copy2(sessions, backup)
    run = ordeal.midst()
    _lose(sessions)
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    _lose(sessions)
    backup.replace(sessions)
    ordeal.excused_checks.add("sessions.age")


def sessions_replaced(ordeal: Ordeal) -> None:
    sessions = ordeal.scene.home.sessions_path
    backup = sessions.with_name("backup")
    shutil.copy2(sessions, backup)
    run = ordeal.midst()
    _lose(sessions)
    backup.replace(sessions)
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    ordeal.excused_checks.add("sessions.age")


def deleted(name: str, *, killed: bool = False) -> Callable[[Ordeal], None]:
    """A file or a folder of the home is deleted, and perhaps the run is killed then."""

    def befall(ordeal: Ordeal) -> None:
        run = ordeal.midst("--senders", "2")
        _lose(ordeal.scene.home.root / name)
        ordeal.goes_on(run)
        if killed:
            run.kill()
            run.wait()
            ordeal.scene.wait_alone(PATIENCE)
        else:
            ordeal.ends(run, ExitCode.OK)

    return befall


def key_deleted(ordeal: Ordeal) -> None:
    """The run ends rather than make another one unseen; the old one is put back."""
    key = ordeal.scene.home.key_path
    run = ordeal.midst("--senders", "1")
    kept = key.read_bytes()
    key.unlink()
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    key.write_bytes(kept)
    key.chmod(0o600)


def key_lost(ordeal: Ordeal) -> None:
    """It is deleted, the run is killed, and nobody has a copy."""
    run = ordeal.midst()
    run.kill(signal.SIGSTOP)
    ordeal.scene.home.key_path.unlink()
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    again = ordeal.ends(ordeal.send("--limit", "1"), ExitCode.LEFT_OVER)
    assert "home.key is missing" in again.told, again.told


def key_replaced(ordeal: Ordeal) -> None:
    key = ordeal.scene.home.key_path
    run = ordeal.midst()
    key.write_bytes(bytes(32))
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)


def journal_replaced(ordeal: Ordeal) -> None:
    run = ordeal.midst("--senders", "2")
    ordeal.scene.home.journal_path.write_bytes(b"no journal at all" * 9)
    ordeal.goes_on(run)
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)


def home_renamed(ordeal: Ordeal) -> None:
    root = ordeal.scene.home.root
    run = ordeal.midst("--senders", "2")
    moved = root.rename(root.with_name("moved"))
    ordeal.ends(run, ExitCode.HOME_UNUSABLE, hint=True)
    if root.exists():  # nothing of value may have been made there
        assert not [each for each in root.rglob("*") if each.is_file()], [*root.rglob("*")]
        shutil.rmtree(root)
    moved.rename(root)


def modes_opened(ordeal: Ordeal) -> None:
    """Others may read the home in mid-run: the next command refuses it, and doctor closes it."""
    run = ordeal.midst()
    root = ordeal.scene.home.root
    root.chmod(0o755)
    for path in root.rglob("*"):
        path.chmod(0o755 if path.is_dir() else 0o644)
    ordeal.ends(run, ExitCode.OK, ExitCode.HOME_UNUSABLE)
    ordeal.ends(ordeal.send(), ExitCode.HOME_UNUSABLE, hint=True)
    ordeal.command("doctor", "--fix").wait()


def _rows(path: Path) -> list[list[str]]:
    with path.open(newline="") as file:
        return [*csv.reader(file)]


def _write(path: Path, rows: list[list[str]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows(rows)


def campaign_deleted(ordeal: Ordeal) -> None:
    run = ordeal.midst()
    kept = ordeal.scene.campaign.read_bytes()
    ordeal.scene.campaign.unlink()
    run.kill(signal.SIGTERM)
    ordeal.ends(run, ExitCode.INTERRUPTED)
    ordeal.ends(ordeal.send(), ExitCode.USAGE, hint=True)
    ordeal.scene.campaign.write_bytes(kept)


def campaign_truncated(ordeal: Ordeal) -> None:
    """Half of the file is gone, in the middle of a row, and a run heeds that; then it is back."""
    run = ordeal.midst()
    kept = ordeal.scene.campaign.read_bytes()
    ordeal.scene.campaign.write_bytes(kept[: len(kept) // 2 + 9])
    run.kill(signal.SIGTERM)
    ordeal.ends(run, ExitCode.INTERRUPTED)
    ordeal.ends(ordeal.send(), ExitCode.OK, ExitCode.LEFT_OVER, ExitCode.USAGE)
    ordeal.scene.campaign.write_bytes(kept)


def campaign_changed(ordeal: Ordeal) -> None:
    """Rows in another order, other texts, other spellings: everybody is who they were."""
    run = ordeal.midst()
    head, *rows = _rows(ordeal.scene.campaign)
    spelt = [[f"{phone[:2]} ({phone[2:5]}) {phone[5:]}", f"new: {text}"] for phone, text in rows]
    _write(ordeal.scene.campaign, [head, *reversed(spelt)])
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)


def _attach(ordeal: Ordeal) -> Path:
    """Give each row an attachment of its own; returns the last row's."""
    folder = ordeal.scene.campaign.parent
    rows = [[each, "hello", f"{each[1:]}.pdf"] for each in ordeal.scene.recipients]
    for _, _, name in rows:
        (folder / name).write_bytes(_PAPER % name.encode())
    _write(ordeal.scene.campaign, [["phone", "message", "media"], *rows])
    return folder / rows[-1][2]


def attachment_changed(ordeal: Ordeal) -> None:
    """Its bytes are not those that were checked: nobody gets them before a new look."""
    paper = _attach(ordeal)
    run = ordeal.midst("--senders", "1")
    paper.write_bytes(_PAPER % b"second")
    ordeal.ends(run, ExitCode.SOME_FAILED, ExitCode.LEFT_OVER, ExitCode.OK)
    again = ordeal.command("resolve", ordeal.scene.campaign.stem, "--failed", "--resend")
    ordeal.ends(again, ExitCode.OK, ExitCode.LEFT_OVER)


def attachment_deleted(ordeal: Ordeal) -> None:
    paper = _attach(ordeal)
    run = ordeal.midst("--senders", "1")
    paper.unlink()
    ordeal.ends(run, ExitCode.SOME_FAILED, ExitCode.LEFT_OVER, ExitCode.OK)
    ordeal.ends(ordeal.send(), ExitCode.USAGE, hint=True)
    _attach(ordeal)
    again = ordeal.command("resolve", ordeal.scene.campaign.stem, "--failed", "--resend")
    ordeal.ends(again, ExitCode.OK, ExitCode.LEFT_OVER)


def template_changed(ordeal: Ordeal) -> None:
    template = ordeal.scene.campaign.with_name("text.txt")
    template.write_text("first, {{ name }}")
    _write(
        ordeal.scene.campaign,
        [["phone", "name"], *([each, "you"] for each in ordeal.scene.recipients)],
    )
    ordeal.words = ("--template", str(template))
    run = ordeal.midst()
    template.write_text("{{ second")
    run.kill()
    run.wait()
    ordeal.scene.wait_alone(PATIENCE)
    ordeal.ends(ordeal.send(), ExitCode.USAGE, hint=True)
    template.write_text("second, {{ name }}")


FILES = (
    Disaster("ledger-deleted", ledger_deleted, (KNOWN,)),
    Disaster("ledger-replaced", ledger_replaced, (KNOWN,)),
    Disaster("sessions-deleted", sessions_deleted, (RECEIPT, STAMP, IDENTITY)),
    Disaster("sessions-replaced", sessions_replaced, (RECEIPT, STAMP, RESTORED)),
    Disaster("journal-deleted", deleted("claims.journal"), ()),
    Disaster("journal-deleted-and-killed", deleted("claims.journal", killed=True), (RECEIPT,)),
    Disaster("journal-replaced", journal_replaced, (RECEIPT,)),
    Disaster("lock-deleted", deleted("waheal.lock"), ()),
    Disaster("lock-deleted-and-killed", deleted("waheal.lock", killed=True), (RECEIPT,)),
    Disaster("key-deleted", key_deleted, (RECEIPT,)),
    Disaster("key-lost", key_lost, (RECEIPT,)),
    Disaster("key-replaced", key_replaced, (RECEIPT,)),
    Disaster("logs-deleted", deleted("logs"), ()),
    Disaster("logs-deleted-and-killed", deleted("logs", killed=True), (RECEIPT, SEAL, ROW)),
    Disaster("home-renamed", home_renamed, (RECEIPT, SEAL)),
    Disaster("modes-opened", modes_opened),
    Disaster("campaign-deleted", campaign_deleted),
    Disaster("campaign-truncated", campaign_truncated),
    Disaster("campaign-changed", campaign_changed, (RECEIPT,)),
    Disaster("attachment-changed", attachment_changed),
    Disaster("attachment-deleted", attachment_deleted),
    Disaster("template-changed", template_changed, (RECEIPT,)),
)
