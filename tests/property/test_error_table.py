"""The error table under decoration: ports, ids and numbers change nothing, noise is Unknown."""

from hypothesis import given
from hypothesis import strategies as st

from waheal.host import error_table
from waheal.host.error_table import CallVerdict
from waheal.model import NotSent, Quarantine, Unknown

numbers = st.sampled_from(["429", "463", "503", ":429", "#463", "127.0.0.1:4290", "id 1429"])
decorations = st.one_of(
    numbers,
    st.integers(0, 99999).map(str),
    st.from_regex(r"\A[a-z]{1,9}=[0-9]{1,6}\Z"),
    st.just("info query returned status 429: rate-overlimit"),
    st.just("server returned error 463"),
    st.just("upload failed with status code 429"),
)
jids = st.from_regex(r"\A[0-9]{5,15}(:[0-9]{1,2})?@(s\.whatsapp\.net|lid)\Z")

USYNC = "failed to get device list: failed to send usync query"
MEDIA = "failed to refresh media connections: failed to query media connections"

SENDS_WITH_HOLES = (
    "no LID found for {jid} from server",
    "failed to get user info for {jid} to fill LID cache: {noise}",
    "failed to get device list: {noise}",
    f"{USYNC}: info query returned status 500: {{noise}}",
    f"{USYNC}: info query returned unknown error: {{noise}}",
    f"{USYNC}: failed to write msg: {{noise}}",
    "failed to get LID for PN {jid}: {noise}",
    "failed to fetch LID mappings: {noise}",
    "failed to save cached sessions: {noise}",
    "failed to prefetch sessions: {noise}",
    "failed to marshal message: {noise}",
    "failed to send message node: failed to write msg: {noise}",
    "failed to write msg: {noise}",
)

UPLOADS_WITH_HOLES = (
    "failed to execute request: {noise}",
    "failed to parse upload response: {noise}",
    "failed to refresh media connections: {noise}",
    f"{MEDIA}: info query returned status 503: {{noise}}",
)

WHOLE_SENDS = (
    "message recipient must be a user JID with no device part",
    "the store doesn't contain a device JID",
    "invalid use of deleted device",
    "client is nil",
    "failed to send message node: websocket not connected",
    "failed to send message node: frame socket is closed",
    "failed to send message node: frame too large (got 17 bytes, max 16 bytes)",
    "server returned error 463",
    "server returned error 429",
    "server returned error 400",
    "timed out waiting for message send response",
    "websocket not connected",
    "websocket disconnected before message send returned response",
)


def kind(verdict: CallVerdict) -> tuple[type, Quarantine | None]:
    outcome = verdict.outcome
    return type(outcome), outcome.quarantine if isinstance(outcome, NotSent) else None


@given(st.sampled_from(SENDS_WITH_HOLES), jids, decorations)
def test_what_fills_a_sends_holes_changes_nothing(words: str, jid: str, noise: str) -> None:
    plain = error_table.judge_send(words.format(jid="1@lid", noise="x"))
    assert kind(error_table.judge_send(words.format(jid=jid, noise=noise))) == kind(plain)


@given(st.sampled_from(UPLOADS_WITH_HOLES), decorations)
def test_what_fills_an_uploads_holes_changes_nothing(words: str, noise: str) -> None:
    plain = error_table.judge_upload(words.format(noise="x"))
    assert error_table.judge_upload(words.format(noise=f"x {noise}")) == plain


@given(
    st.sampled_from(WHOLE_SENDS), decorations, st.sampled_from(["{0} {1}", "{1} {0}", "{1}: {0}"])
)
def test_more_than_a_whole_form_has_not_been_seen(words: str, noise: str, around: str) -> None:
    assert kind(error_table.judge_send(around.format(words, noise))) == (Unknown, None)


@given(st.text())
def test_what_nobody_has_seen_is_unknown(error: str) -> None:
    unseen = f"~{error}"  # no form of the library's begins so
    assert error_table.judge_send(unseen).outcome == Unknown(f"the library said: {unseen}")
    assert error_table.judge_upload(unseen).outcome == NotSent(
        "the attachment could not be uploaded"
    )
