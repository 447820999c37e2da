"""Public prekeys and the nodes they travel in; knows no private key."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from waheal.sandbox.codec import Node

KEY_TYPE = b"\x05"
_KEY_SIZE, _SIGNATURE_SIZE = 32, 64


@dataclass(frozen=True, slots=True)
class PublicPreKey:
    """A prekey as others see it; a one-time key has no signature."""

    key_id: int
    public: bytes  # 32 bytes
    signature: bytes = b""  # 64 bytes over 05 and the public key

    @property
    def is_whole(self) -> bool:
        """Whether its parts have the sizes that they travel in."""
        return (
            self.key_id < 1 << 24
            and len(self.public) == _KEY_SIZE
            and len(self.signature) in {0, _SIGNATURE_SIZE}
        )

    def node(self) -> Node:
        """Tell the key as a `<key>`, or as an `<skey>` when it is signed."""
        content = [
            Node("id", {}, self.key_id.to_bytes(3, "big")),
            Node("value", {}, self.public),
        ]
        if not self.signature:
            return Node("key", {}, tuple(content))
        return Node("skey", {}, (*content, Node("signature", {}, self.signature)))


@dataclass(slots=True)
class KeyStock:
    """What a linked device has uploaded for others to write to it with."""

    registration_id: int
    identity: bytes
    signed: PublicPreKey
    one_time: deque[PublicPreKey] = field(default_factory=deque)

    def draw(self) -> PublicPreKey | None:
        """Use up one one-time key, if one is left."""
        return self.one_time.popleft() if self.one_time else None


def read_prekey(node: Node) -> PublicPreKey:
    """Read a `<key>` or `<skey>` as it was uploaded."""
    return PublicPreKey(
        int.from_bytes(node.data_of("id"), "big"),
        node.data_of("value"),
        node.data_of("signature"),
    )


def read_upload(query: Node, stock: KeyStock) -> int:
    """Put an upload's keys into the stock; how many there were."""
    keys = query.child("list")
    read = [read_prekey(node) for node in keys.children("key")] if keys is not None else []
    uploaded = [key for key in read if key.is_whole]
    known = {key.key_id for key in stock.one_time}
    stock.one_time.extend(key for key in uploaded if key.key_id not in known)
    if (signed := query.child("skey")) is not None and read_prekey(signed).is_whole:
        stock.signed = read_prekey(signed)
    return len(uploaded)


def bundle_content(
    registration_id: int, identity: bytes, signed: PublicPreKey, one_time: PublicPreKey | None
) -> tuple[Node, ...]:
    """Tell what a `<user>` of a prekey answer holds."""
    keys: Sequence[PublicPreKey] = (signed,) if one_time is None else (one_time, signed)
    return (
        Node("registration", {}, registration_id.to_bytes(4, "big")),
        Node("type", {}, KEY_TYPE),
        Node("identity", {}, identity),
        *(key.node() for key in keys),
    )
