from pathlib import Path

import pytest

from tests.kit.ledgers import ANNA, BERT, NOW, ONE, claim_all, open_home, row, send, start
from waheal.model import ReceiptKind, State
from waheal.store.ledger import Ledger


def test_every_recipient_is_told_once_in_file_order(tmp_path: Path) -> None:
    with Ledger.open(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(5, ANNA), row(3, BERT))
        (bert, _), _ = claim_all(ledger, campaign)
        send(ledger, bert, "M")
        ledger.outcomes.receipt(ONE, ["M"], ReceiptKind.DELIVERED, NOW + 9)
        first, second = ledger.recipients.rows(campaign.id)
    assert (first.row, first.phone, first.state, first.text) == (3, BERT, State.DELIVERED, "hello")
    assert (first.device, first.message_id, first.attempt) == (ONE, "M", 1)
    assert (first.claimed, first.ended, first.delivered, first.read) == (NOW, NOW, NOW + 9, None)
    assert (second.row, second.phone, second.state) == (5, ANNA, State.SENDING)
    assert second.unreadable is False


def test_rows_stand_as_they_were_at_the_first_whatever_happens_meanwhile(tmp_path: Path) -> None:
    with Ledger.open(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        rows = ledger.recipients.rows(campaign.id)
        assert next(rows).state is State.PENDING
        claim_all(ledger, campaign)
        assert [each.state for each in rows] == [State.PENDING]


def test_an_export_that_is_given_up_lets_go_of_the_file(tmp_path: Path) -> None:
    with Ledger.open(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        rows = ledger.recipients.rows(campaign.id)
        next(rows)
        rows.close()
        with pytest.raises(StopIteration):
            next(rows)
