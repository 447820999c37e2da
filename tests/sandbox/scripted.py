"""The other end of the sandbox's protocol: a client that says exactly what a test tells it to."""

from dataclasses import dataclass, field

from waheal.sandbox.codec import Node, decode, encode
from waheal.sandbox.curve import KeyPair, sign
from waheal.sandbox.greeting import Login, Registration
from waheal.sandbox.noise import PROLOGUE, Transport, _Symmetric
from waheal.sandbox.prekeys import KEY_TYPE, PublicPreKey
from waheal.sandbox.protobufs import ClientPayload, HandshakeMessage
from waheal.sandbox.protocol import frame


@dataclass(slots=True)
class DeviceKeys:
    """What a companion makes for itself before it is linked."""

    noise: KeyPair = field(default_factory=KeyPair.generate)
    identity: KeyPair = field(default_factory=KeyPair.generate)
    signed: KeyPair = field(default_factory=KeyPair.generate)
    adv_secret: bytes = bytes(range(32))

    def registration(self) -> Registration:
        signature = sign(self.identity.private, KEY_TYPE + self.signed.public)
        signed = PublicPreKey(1, self.signed.public, signature)
        return Registration(self.noise.public, self.identity.public, 77, signed)

    def login(self, number: str, device: int) -> Login:
        return Login(self.noise.public, number, device)


class Initiator:
    """The client's half of the Noise handshake and of the frames after it."""

    def __init__(self, keys: DeviceKeys) -> None:
        self._static = keys.noise
        self._ephemeral = KeyPair.generate()
        self._symmetric = _Symmetric(PROLOGUE)
        self._transport: Transport | None = None
        self.server_static = b""
        self.certificates = b""

    def hello(self) -> bytes:
        ephemeral = self._ephemeral.public
        self._symmetric.mix_hash(ephemeral)
        hello = HandshakeMessage.ClientHello(ephemeral=ephemeral)
        return PROLOGUE + frame(HandshakeMessage(clientHello=hello).SerializeToString())

    def finish(self, answer: bytes, payload: bytes) -> bytes:
        """Read the server's hello (a frame's body); what ends the handshake."""
        hello = HandshakeMessage.FromString(answer).serverHello
        self._symmetric.mix_hash(hello.ephemeral)
        self._symmetric.mix_key(self._ephemeral, hello.ephemeral)
        self.server_static = self._symmetric.open(hello.static)
        self._symmetric.mix_key(self._ephemeral, self.server_static)
        self.certificates = self._symmetric.open(hello.payload)
        static = self._symmetric.seal(self._static.public)
        self._symmetric.mix_key(self._static, hello.ephemeral)
        finish = HandshakeMessage.ClientFinish(static=static, payload=self._symmetric.seal(payload))
        sends, receives = self._symmetric.split()
        self._transport = Transport(receives, sends)
        return frame(HandshakeMessage(clientFinish=finish).SerializeToString())

    def seal(self, node: Node) -> bytes:
        assert self._transport is not None
        return frame(self._transport.seal(encode(node)))

    def open(self, data: bytes) -> list[Node]:
        """The stanzas in whole frames."""
        assert self._transport is not None
        return [decode(self._transport.open(body)) for body in bodies(data)]


def bodies(data: bytes) -> list[bytes]:
    """What the frames hold."""
    found = []
    while data:
        size = int.from_bytes(data[:3], "big")
        found.append(data[3 : 3 + size])
        data = data[3 + size :]
    return found


def login_payload(number: str, device: int) -> bytes:
    payload = ClientPayload(username=int(number), device=device, passive=True)
    written: bytes = payload.SerializeToString()
    return written
