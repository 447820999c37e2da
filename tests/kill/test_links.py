"""A campaign whose link to the ledger is cut in mid-run comes to its end as if it were not."""

from collections import Counter
from pathlib import Path

import pytest

from tests.kill.links.play import Blow, links_run

pytestmark = [pytest.mark.cluster, pytest.mark.soak]


def test_each_phone_gets_its_message_once_whatever_is_cut(tmp_path: Path) -> None:
    blows = Counter({Blow.CUT: 4, Blow.COMMIT: 3, Blow.KILL: 2})
    account = links_run(tmp_path, 7, blows, messages=120, machines=1)
    assert account.wrong == []
    assert account.blows == blows
    assert account.codes == [0]
