"""What the library says, in the host's words; in a process that may load the library."""

from collections.abc import Mapping

import pytest

from waheal.host.client import TextCame
from waheal.model import Ballot, Phone, ReplyKind

pytestmark = pytest.mark.real


def came(text: str, kind: ReplyKind, message_id: str = "X", quotes: str | None = None) -> str:
    """Word what is heard of somebody whose number is told."""
    phone = Phone("+15555550100")
    return str(TextCame("777@lid", phone, text, 1_700_000_000.5, kind, message_id, quotes))


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("conversation", ReplyKind.TEXT),
        ("extended", ReplyKind.TEXT),
        ("image", ReplyKind.IMAGE),
        ("button", ReplyKind.BUTTON),
        ("template", ReplyKind.BUTTON),
        ("list", ReplyKind.BUTTON),
    ],
)
def test_a_text_is_heard_in_every_form_that_it_comes_in(
    lines: Mapping[str, str], name: str, kind: ReplyKind
) -> None:
    assert lines[name] == came("stop", kind)


@pytest.mark.parametrize(
    ("name", "kind", "quotes"),
    [
        ("picture", ReplyKind.IMAGE, None),
        ("voice", ReplyKind.AUDIO, None),
        ("round video", ReplyKind.VIDEO, None),
        ("sticker", ReplyKind.STICKER, None),
        ("place", ReplyKind.LOCATION, None),
        ("card", ReplyKind.CONTACT, None),
        ("file that quotes", ReplyKind.DOCUMENT, "OURS"),
        ("poll", ReplyKind.OTHER, None),
    ],
)
def test_what_comes_without_words_is_heard_by_its_kind(
    lines: Mapping[str, str], name: str, kind: ReplyKind, quotes: str | None
) -> None:
    assert lines[name] == came("", kind, quotes=quotes)


def test_a_vote_is_handed_on_as_it_is_sealed_with_every_name_of_its_voter(
    lines: Mapping[str, str],
) -> None:
    sealed = Ballot(b"", b"", "777@lid", ("777@lid", "15555550100@s.whatsapp.net"), 1_700_000_000.5)
    heard = came("", ReplyKind.VOTE, quotes="OURS")
    assert lines["vote"] == heard.replace("ballot=None", f"ballot={sealed}")


def test_a_reaction_and_an_answer_name_the_message_that_they_are_to(
    lines: Mapping[str, str],
) -> None:
    assert lines["reaction"] == came("\N{THUMBS UP SIGN}", ReplyKind.REACTION, quotes="OURS")
    assert lines["quoting"] == came("stop", ReplyKind.TEXT, quotes="OURS")


def test_a_corrected_text_is_the_one_that_it_corrects(lines: Mapping[str, str]) -> None:
    assert lines["corrected"] == came("stop", ReplyKind.TEXT, message_id="FIRST")


@pytest.mark.parametrize("name", ["taken back", "deleted", "timer", "album", "pinned", "empty"])
def test_what_nobody_says_by_it_is_not_heard(lines: Mapping[str, str], name: str) -> None:
    assert lines[name] == "None"


def test_the_number_is_the_sender_itself_where_no_lid_is_used(lines: Mapping[str, str]) -> None:
    assert "sender='15555550100@s.whatsapp.net', phone='+15555550100'" in lines["by number"]
    assert "sender='777@lid', phone=None" in lines["unknown number"]


@pytest.mark.parametrize("source", ["mine", "group", "status", "nothing"])
def test_what_no_contact_wrote_to_this_device_is_not_heard(
    lines: Mapping[str, str], source: str
) -> None:
    assert lines[source] == "None"


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("DELIVERED", "DELIVERED"),
        ("INACTIVE", "INACTIVE"),
        ("READ", "READ"),
        ("PLAYED", "PLAYED"),
        ("RETRY", "RETRY"),
        ("SENDER", "SENDER"),
        ("READ_SELF", "READ_SELF"),
        ("PLAYED_SELF", "SERVER_ERROR"),
        ("SERVER_ERROR", "SERVER_ERROR"),
        ("PEER_MSG", "PEER_MSG"),
        ("HISTORY_SYNC", "HISTORY_SYNC"),
    ],
)
def test_every_receipt_type_has_a_word(lines: Mapping[str, str], name: str, word: str) -> None:
    assert lines[name].startswith("ReceiptCame(message_ids=('X', 'Y'), type=<ReceiptType.")
    assert f"ReceiptType.{word}:" in lines[name]


def test_a_text_is_sent_as_it_is_with_nothing_but_the_witness(lines: Mapping[str, str]) -> None:
    assert lines["composed"] == (
        "(['conversation', 'messageContextInfo'], ['messageSecret'], True)"
    )


def test_an_event_has_the_number_that_the_library_gives_it(lines: Mapping[str, str]) -> None:
    called = {name: word for name, word in lines.items() if name.startswith("code ")}
    assert len(called) > 10
    assert [name for name, word in called.items() if not _same(name, word)] == []


def _same(name: str, word: str) -> bool:
    return name.removeprefix("code ").replace("_", "") == word.upper()
