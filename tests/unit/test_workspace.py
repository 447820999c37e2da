from pathlib import Path

import pytest

from tests.kit.ledgers import is_open, open_home
from waheal.acts.workspace import Workspace
from waheal.errors import HomeUnusableError, UsageError, WahealError
from waheal.model import Trust
from waheal.store.ledger import WHATSAPP, Ledger

TRUST = Trust("http://127.0.0.1:1", "ca.pem", "0" * 64)


@pytest.mark.parametrize(
    ("spoil", "error"),
    [
        ("UPDATE meta SET value = 'another'", UsageError),
        ("DROP TABLE meta", HomeUnusableError),
    ],
)
def test_a_ledger_that_a_command_cannot_use_is_not_left_open(
    tmp_path: Path, spoil: str, error: type[WahealError]
) -> None:
    home = open_home(tmp_path)
    with Ledger.open(home) as ledger:
        ledger.bind(WHATSAPP)
        ledger._db.run(spoil)
    # Named, since the error's traceback holds whatever was left open.
    with pytest.raises(error) as _caught:
        Workspace(home.root, trust=TRUST).ledger(home)
    assert not is_open(home.ledger_path)
