from collections import Counter
from pathlib import Path

import pytest

from tests.kit.ledgers import (
    ANNA,
    BERT,
    LONG,
    NOW,
    ONE,
    SHORT,
    claim_all,
    claim_one,
    enrol,
    on_both,
    open_home,
    open_ledger,
    row,
    send,
    start,
    states,
)
from waheal.errors import UsageError
from waheal.model import Phone, ReceiptKind, State
from waheal.records import Tally

pytestmark = on_both


def test_a_campaign_is_known_by_its_name_and_remembers_its_file(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        first = ledger.campaigns.open("spring", "/x/spring.csv", NOW)
        again = ledger.campaigns.open("spring", "/x/spring.csv", NOW + 5)
        assert (again.id, again.created, again.last_run) == (first.id, NOW, NOW + 5)
        assert ledger.campaigns.find("spring") == again
        assert ledger.campaigns.find("autumn") is None
        assert [each.name for each in ledger.campaigns.all()] == ["spring"]


def test_the_same_name_from_another_file_is_refused_unless_meant(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        first = ledger.campaigns.open("spring", "/x/spring.csv", NOW)
        with pytest.raises(UsageError, match=r"/x/spring\.csv") as caught:
            ledger.campaigns.open("spring", "/y/spring.csv", NOW)
        assert "--name" in str(caught.value.hint)
        assert "--same" in str(caught.value.hint)
        assert ledger.campaigns.open("spring", "/y/spring.csv", NOW, same=True).id == first.id
        assert ledger.campaigns.open("spring", "/y/spring.csv", NOW).id == first.id


def test_a_tally_counts_each_recipient_once(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        claims, _ = claim_all(ledger, campaign)
        send(ledger, claims[0])
        ledger.outcomes.receipt(ONE, ["M1"], ReceiptKind.RETRY, NOW)
        assert ledger.campaigns.tally(campaign.id) == Tally(
            Counter({State.SENT: 1, State.SENDING: 1}), 1
        )
        assert ledger.campaigns.tally(campaign.id).total == 2


def test_a_campaign_is_finished_when_nothing_is_left_and_not_before(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        campaign = start(ledger, row(2, ANNA))
        assert campaign.finished is None
        claim = claim_one(ledger, campaign)
        ledger.outcomes.settle(claim.delivery, claim.attempt, State.UNCERTAIN, now=NOW + 1)
        assert ledger.campaigns.all()[0].finished is None
        ledger.outcomes.settle(claim.delivery, claim.attempt, State.SENT, now=NOW + 2)
        assert ledger.campaigns.all()[0].finished == NOW + 2
        enrol(ledger, campaign, row(2, ANNA), row(3, BERT))
        assert ledger.campaigns.all()[0].finished is None


def test_whoever_opts_in_again_is_pending_at_the_next_run(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        ledger.people.suppress(ANNA, NOW, source="operator")
        ledger.people.suppress(BERT, NOW, source="operator")
        campaign = start(ledger, row(2, ANNA), row(3, BERT))
        enrol(ledger, campaign, row(2, ANNA))
        ledger.people.unsuppress(ANNA)
        ledger.people.unsuppress(BERT)  # who is no longer in the file
        assert set(states(ledger, campaign).values()) == {State.SUPPRESSED}
        ledger.campaigns.open("c", campaign.path, NOW)
        assert states(ledger, campaign) == {ANNA: State.PENDING, BERT: State.SUPPRESSED}


def test_whoever_opts_in_again_gets_what_the_file_says_by_then(tmp_path: Path) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        ledger.people.suppress(ANNA, NOW, source="operator")
        campaign = start(ledger, row(2, ANNA, "old"))
        enrol(ledger, campaign, row(2, ANNA, "mended"))
        assert ledger.campaigns.open("c", campaign.path, NOW).digest == "d"  # nothing is to be read
        ledger.people.unsuppress(ANNA)
        again = ledger.campaigns.open("c", campaign.path, NOW)
        assert again.digest is None
        enrol(ledger, again, row(2, ANNA, "mended"))
        assert [each.text for each in ledger.recipients.rows(campaign.id)] == ["mended"]


@pytest.mark.parametrize(
    ("before", "now"),
    [(ANNA, ANNA), (LONG, SHORT), (SHORT, LONG), (Phone("+22997123456"), Phone("+2290197123456"))],
)
def test_whoever_had_the_same_is_known_in_any_spelling(
    tmp_path: Path, before: Phone, now: Phone
) -> None:
    with open_ledger(open_home(tmp_path)) as ledger:
        send(ledger, claim_one(ledger, start(ledger, row(2, before), name="first")))
        renamed = start(ledger, row(2, now), row(3, BERT), name="second")
        assert ledger.campaigns.sent_before(renamed.id, NOW - 60) == {"first": 1}
        assert ledger.campaigns.sent_before(renamed.id, NOW + 60) == {}
        other = start(ledger, row(2, now, "another text"), name="third")
        assert ledger.campaigns.sent_before(other.id, NOW - 60) == {}
