"""Records and findings as the operators' JSON has them, field for field, order for order."""

from collections import Counter

import pytest

from waheal.documents import (
    DEVICE_FIELDS,
    RECIPIENT_FIELDS,
    SUPPRESSION_FIELDS,
    campaign_fields,
    device_fields,
    event_fields,
    finding_fields,
    moment,
    preview_fields,
    problem_fields,
    recipient_fields,
    suppression_fields,
    tally_fields,
)
from waheal.events import RunFinished, Running
from waheal.findings import Caution, Finding, Preview, Problem, warn
from waheal.model import (
    Card,
    Content,
    DeviceId,
    DeviceState,
    ExitCode,
    Location,
    Media,
    MediaKind,
    Phone,
    State,
)
from waheal.records import (
    Campaign,
    CampaignKind,
    Device,
    Recipient,
    Suppression,
    Tally,
)
from waheal.waits import Standstill

PHONE = Phone("+12025550100")
DEVICE = DeviceId("berlin-01")
NOW = 1_800_000_000.25
AT = "2027-01-15T08:00:00.250Z"
TALLY = Tally(Counter({State.PENDING: 4, State.SENDING: 1, State.SENT: 2}), 1, 1)


def test_moments_are_utc_to_the_millisecond() -> None:
    assert moment(0.0) == "1970-01-01T00:00:00.000Z"
    assert moment(None) is None


def test_a_tally_has_a_key_a_state_and_the_unreadable() -> None:
    assert list(tally_fields(TALLY).items()) == [
        ("pending", 4),
        ("sending", 1),
        ("sent", 2),
        ("delivered", 0),
        ("read", 0),
        ("failed", 0),
        ("suppressed", 0),
        ("expired", 0),
        ("uncertain", 0),
        ("unreadable", 1),
        ("replied", 1),
        ("replied_share", 0.5),
    ]


def test_a_run_that_ended_tells_what_is_still_in_flight_as_uncertain() -> None:
    why = Standstill("its limit is reached", "run it again", 0.0)
    ended = RunFinished(TALLY, 9.8765, ExitCode.LEFT_OVER, why)
    assert event_fields(ended) == (
        "run_finished",
        {
            "pending": 4,
            "sent": 2,
            "delivered": 0,
            "read": 0,
            "failed": 0,
            "suppressed": 0,
            "expired": 0,
            "uncertain": 1,
            "replied": TALLY.replied,
            "seconds": 9.877,
            "exit_code": 3,
            "reason": "its limit is reached",
            "until": "1970-01-01T00:00:00.000Z",
        },
    )


def test_a_campaign_tells_its_counts_its_file_and_its_times() -> None:
    campaign = Campaign(1, "spring", "/spring.csv", "digest", NOW, NOW, None, CampaignKind.CAMPAIGN)
    assert list(campaign_fields(campaign, TALLY).items()) == [
        ("campaign", "spring"),
        ("total", 7),
        *tally_fields(TALLY).items(),
        ("file", "/spring.csv"),
        ("last_run", AT),
        ("finished", None),
        ("stopped", None),
        ("way_out", None),
        ("until", None),
        ("running", False),
        ("running_since", None),
        ("last_minute", None),
        ("ends", None),
    ]
    stop = Standstill("--daily is used up", "run it again then", NOW)
    told = campaign_fields(campaign, TALLY, stop)
    assert (told["stopped"], told["way_out"], told["until"]) == (stop.reason, stop.way_out, AT)
    told = campaign_fields(campaign, TALLY, running=Running(4711, NOW, 20, None))
    assert (told["running"], told["running_since"], told["last_minute"]) == (True, AT, 20)
    assert told["ends"] is None


def test_a_device_tells_its_state_and_why() -> None:
    device = Device(
        DEVICE, "1:2@s.whatsapp.net", PHONE, DeviceState.QUARANTINED, "banned", NOW, None, 12, NOW,
        paused=False, chats_from=NOW, chats_why="new chats refused (463)",
    )  # fmt: skip
    assert device_fields(device) == {
        "device": "berlin-01",
        "phone": "+12025550100",
        "jid": "1:2@s.whatsapp.net",
        "state": "quarantined",
        "reason": "banned",
        "until": AT,
        "last_success": None,
        "sent_today": 12,
        "chats_from": AT,
        "chats_reason": "new chats refused (463)",
        "quota_used": None,
        "quota_total": None,
        "begun_today": None,
        "may_begin": None,
        "begins_from": None,
        "bare": False,
    }
    assert tuple(device_fields(device)) == DEVICE_FIELDS


def test_a_recipient_tells_the_latest_attempt_and_the_text() -> None:
    recipient = Recipient(
        2, PHONE, State.READ, 1, DEVICE, "3EB0", None, False, NOW, NOW, NOW, NOW, None, "Hi"
    )
    assert recipient_fields(recipient) == {
        "row": 2,
        "phone": "+12025550100",
        "state": "read",
        "attempt": 1,
        "device": "berlin-01",
        "message_id": "3EB0",
        "reason": None,
        "unreadable": False,
        "updated": AT,
        "claimed": AT,
        "ended": AT,
        "delivered": AT,
        "read": None,
        "text": "Hi",
        "replied_at": None,
        "reply_device": None,
        "vote": None,
        "opted_out_at": None,
        "recall": None,
        "amend": None,
        "amended_text": None,
    }
    assert tuple(recipient_fields(recipient)) == RECIPIENT_FIELDS


@pytest.mark.parametrize(("phone", "lid"), [(PHONE, None), (None, "1@lid")])
def test_who_is_suppressed_is_told_by_the_lid_only_where_it_is_all(
    phone: Phone | None, lid: str | None
) -> None:
    suppression = Suppression(phone, "1@lid", NOW, "operator")
    told = {"phone": phone, "since": AT, "source": "operator", "lid": lid}
    assert suppression_fields(suppression) == told
    assert tuple(suppression_fields(suppression)) == SUPPRESSION_FIELDS


def test_a_problem_and_a_warning_tell_row_column_and_what() -> None:
    told = {"row": 7, "column": "phone", "problem": "can't be read"}
    assert problem_fields(Problem(7, "phone", "can't be read", "write it with +")) == told
    assert problem_fields(Caution(7, "phone", "can't be read", "write it with +")) == told


def test_a_preview_tells_the_text_and_the_attachments_path() -> None:
    media = Media("/a.png", MediaKind.IMAGE, "image/png", "00")
    told = {"row": 2, "phone": "+12025550100", "kind": "text", "text": "Hi", "media": None}
    assert preview_fields(Preview(2, PHONE, Content("Hi"))) == told
    file = {**told, "kind": "media", "media": "/a.png"}
    assert preview_fields(Preview(2, PHONE, Content("Hi", media))) == file


def test_a_vote_is_told_an_option_a_line() -> None:
    for vote, told in ((("Yes", "No"), "Yes\nNo"), ((), ""), (None, None)):
        recipient = Recipient(
            2, PHONE, State.READ, 1, DEVICE, "3EB0", None, False, NOW, NOW, NOW, NOW, None, "When?",
            vote=vote,
        )  # fmt: skip
        assert recipient_fields(recipient)["vote"] == told


def test_a_preview_of_another_kind_has_its_columns() -> None:
    told = {"row": 2, "phone": "+12025550100", "text": "", "media": None}
    assert preview_fields(Preview(2, PHONE, Content("", Location(1.5, 2.5, "Pier")))) == {
        **told, "kind": "location", "latitude": 1.5, "longitude": 2.5, "place": "Pier",
        "address": "",
    }  # fmt: skip
    assert preview_fields(Preview(2, PHONE, Content("", Card("Ana", PHONE)))) == {
        **told, "kind": "card", "card_name": "Ana", "card_phone": PHONE, "card_organisation": "",
        "card_email": "",
    }  # fmt: skip


def test_a_finding_tells_its_check_and_the_way_out() -> None:
    finding = Finding("disk", "disk space", warn("3 MiB are free", "make room"))
    assert finding_fields(finding) == {
        "id": "disk",
        "name": "disk space",
        "status": "warn",
        "detail": "3 MiB are free",
        "hint": "make room",
    }
