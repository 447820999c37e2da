"""Whatever a stanza holds, its skeleton holds words of the protocol, kinds and lengths."""

import re

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.kit.examples import tries
from waheal.host.skeleton import skeleton
from waheal.host.stanza_words import NAMES, SERVERS, TAGS, VALUES

_KINDS = {"jid", "device", "id", "number", "text", "bytes", "unreadable", "more", "name"}
_WORDS = {
    *TAGS,
    *NAMES,
    *SERVERS.values(),
    *_KINDS,
    *(word for each in VALUES.values() for word in each),
}
_LONG_NUMBER = re.compile(r"\d{5}")

hostile = st.text(st.sampled_from("<>/=\"' ab19@.:-\n!") | st.characters(), max_size=60)
secrets = st.sampled_from(["12025550100", "Ann", "4fa9c0ffee", "3EB0DB33B7AE8C24DFBD42", "see you"])
texts = hostile | secrets | st.sampled_from(sorted(_WORDS))


@st.composite
def stanzas(draw: st.DrawFn, depth: int = 3) -> str:
    """Print a stanza as whatsmeow does, which escapes nothing."""
    tag = draw(st.sampled_from(sorted(TAGS)) | secrets)
    attributes = draw(st.dictionaries(st.sampled_from(sorted(NAMES)) | secrets, texts, max_size=4))
    told = "".join(f' {name}="{value}"' for name, value in attributes.items())
    if not depth or draw(st.booleans()):
        content = draw(texts)
    else:
        content = "".join(draw(st.lists(stanzas(depth=depth - 1), max_size=3)))
    return f"<{tag}{told}>{content}</{tag}>" if content else f"<{tag}{told}/>"


def _is_clean(left: str) -> bool:
    told = re.findall(r"[^\s<>\"=/]+", left)
    plain = (re.fullmatch(r"name-\d{1,4}|\d{1,4}|(?:\d{1,3}\.){1,3}\d{1,3}", word) for word in told)
    return all(word in _WORDS or found for word, found in zip(told, plain, strict=True))


@settings(max_examples=tries(400))
@given(stanzas())
@example('<message notify="x"><Ann type="12025550100"/></message>')
@example('<message notify="x" 12025550100="read"/>')
@example("<set>12025</set>")
@example("<message>3EB0DB33B7AE8C24DFBD42</message>")
def test_only_words_of_the_protocol_and_lengths_come_out(printed: str) -> None:
    left = skeleton(printed)
    assert _is_clean(left), left
    assert not _LONG_NUMBER.search(left)


@settings(max_examples=tries(400))
@given(hostile)
def test_of_any_text_as_well(printed: str) -> None:
    left = skeleton(printed)
    assert _is_clean(left), left
    assert not _LONG_NUMBER.search(left)
