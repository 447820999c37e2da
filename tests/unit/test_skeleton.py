"""What is left of a stanza that whatsmeow prints."""

import re

import pytest

from waheal.host.skeleton import skeleton
from waheal.host.stanza_words import CODES, NAMES, SERVERS, TAGS, VALUES


@pytest.mark.parametrize(
    ("printed", "left"),
    [
        ("<success/>", "<success/>"),
        (
            '<iq id="173.21-11" to="s.whatsapp.net" type="get" xmlns="encrypt"><count/></iq>',
            '<iq id="<id 9>" to="s.whatsapp.net" type="get" xmlns="encrypt"><count/></iq>',
        ),
        (
            '<receipt from="12025550100:3@s.whatsapp.net" t="1790000000" type="read"/>',
            '<receipt from="<jid pn device>" t="<number 10>" type="read"/>',
        ),
        (
            '<message from="120363000000000001@g.us" participant="98765@lid" notify="Ann"/>',
            '<message from="<jid group>" participant="<jid lid>" notify="<text 3>"/>',
        ),
        ('<message from="status@broadcast"/>', '<message from="<jid status>"/>'),
        ('<message from="1790000000@broadcast"/>', '<message from="<jid broadcast>"/>'),
        (
            '<enc v="2" type="pkmsg"><!-- 263 bytes --></enc>',
            '<enc v="2" type="pkmsg"><bytes 263></enc>',
        ),
        ("<token>00ff00</token>", "<token><bytes 3></token>"),
        ("<set>Don't call</set>", "<set><text 10></set>"),
        ("<set></set>", "<set></set>"),
        (
            '<update op_name="NotificationUserReachoutTimelockUpdate">{"data":"<b/>"}</update>',
            '<update op_name="NotificationUserReachoutTimelockUpdate"><text 15></update>',
        ),
        ('<ack class="message" error="463"/>', '<ack class="message" error="463"/>'),
        ('<failure reason="405" location="cln"/>', '<failure reason="405" location="cln"/>'),
        ('<ack error="12025"/>', '<ack error="<number 5>"/>'),
        ('<ack class="Ann"/>', '<ack class="<text 3>"/>'),
        ('<call version="2.24.17"/>', '<call version="2.24.17"/>'),
        ('<call version="2.3000.1047769893"/>', '<call version="<id 17>"/>'),
        ('<Ann Bob="read"/>', '<name-3 name-3="<text 4>"/>'),
        ('<message notify="read"/>', '<message notify="<text 4>"/>'),
        ("<message><!-- 123456789 bytes --></message>", "<message><bytes more></message>"),
    ],
)
def test_words_of_the_protocol_stay_and_of_the_rest_kind_and_length(
    printed: str, left: str
) -> None:
    assert skeleton(printed) == left


@pytest.mark.parametrize(
    "printed",
    [
        "",
        "hello",
        "<message>",
        '<message notify="a "b" c"/>',
        '<message notify="a" />',
        "<message>a</receipt>",
        "<message/><message/>",
        "<message/> and more",
        "<message><!-- many bytes --></message>",
        "<x>" * 100 + "</x>" * 100,
        "<x>" * 20_000,
    ],
)
def test_of_what_can_not_be_read_the_length_is_left(printed: str) -> None:
    told = "more" if len(printed) > 9999 else len(printed)
    assert skeleton(printed) == f"<unreadable {told}>"


def test_no_word_of_the_lists_is_a_number_or_could_be_somebodys() -> None:
    words = {*TAGS, *NAMES, *CODES, *SERVERS, *SERVERS.values(), *VALUES}
    words |= {word for each in VALUES.values() for word in each}
    assert [word for word in words if re.search(r"\d\d|[\s\"'<>=@]", word)] == []
    assert set(VALUES) <= NAMES
    assert CODES <= NAMES
