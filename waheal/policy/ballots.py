"""Opens votes in polls with the secret that the poll was sent with; pure.

A vote is sealed with a key of the poll's secret, its id, its sender and the voter, so that it opens
for the right four only: no other evidence is needed of whose it is. Either of the two may go by a
number or a LID, and both are tried (whatsmeow's `generateMsgSecretKey` and `decryptMsgSecret` in
msgsecret.go; Baileys' `decryptPollVote` in process-message.ts).
"""

from collections.abc import Iterable, Iterator, Sequence
from hashlib import sha256
from itertools import product

from waheal.model import Ballot

_HASH = 32  # bytes
_OPTION = b"\x0a\x20"  # PollVoteMessage.selectedOptions: field 1, so many bytes


def open_ballot(
    ballot: Ballot,
    secret: bytes,
    poll_id: str,
    creators: Iterable[str],
    options: Sequence[str],
) -> tuple[str, ...] | None:
    """Tell which options were chosen, in the poll's order; None where it is no vote in this poll.

    `creators` are names of the poll's sender beside the one that the voter has for it. Nothing
    chosen: the vote was taken back.
    """
    names = dict.fromkeys((ballot.creator, *creators))
    for creator, voter in product(names, ballot.voters):
        plain = _opened(ballot, secret, poll_id, creator, voter)
        if plain is not None:
            chosen = set(_hashes(plain))
            return tuple(each for each in options if sha256(each.encode()).digest() in chosen)
    return None


def _opened(ballot: Ballot, secret: bytes, poll_id: str, creator: str, voter: str) -> bytes | None:
    # Loaded for the first vote: most runs hear none.
    from cryptography.exceptions import InvalidTag  # noqa: PLC0415
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # noqa: PLC0415
    from cryptography.hazmat.primitives.hashes import SHA256  # noqa: PLC0415
    from cryptography.hazmat.primitives.kdf.hkdf import HKDF  # noqa: PLC0415

    info = f"{poll_id}{creator}{voter}Poll Vote".encode()
    key = HKDF(SHA256(), _HASH, salt=None, info=info).derive(secret)
    try:
        return AESGCM(key).decrypt(ballot.iv, ballot.payload, f"{poll_id}\0{voter}".encode())
    except (InvalidTag, ValueError):
        return None


def _hashes(plain: bytes) -> Iterator[bytes]:
    """Read the options' hashes; what is none ends them."""
    for at in range(0, len(plain), len(_OPTION) + _HASH):
        if not plain.startswith(_OPTION, at):
            return
        yield plain[at + len(_OPTION) : at + len(_OPTION) + _HASH]
