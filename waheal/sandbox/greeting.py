"""The handshake's protobufs: hello, finish, who the client says it is; no ciphers, no sockets."""

from collections.abc import Callable
from dataclasses import dataclass

from google.protobuf.message import DecodeError

from waheal.sandbox.prekeys import PublicPreKey
from waheal.sandbox.protobufs import CertChain, ClientPayload, HandshakeMessage


class GreetingError(Exception):
    """A handshake message lacks what it is for."""


@dataclass(frozen=True, slots=True)
class Login:
    """A paired device: its number, its device id and the key that proves it.

    `version`: of WhatsApp Web, as the client says.
    """

    noise_key: bytes
    number: str
    device: int
    version: str = ""


@dataclass(frozen=True, slots=True)
class Registration:
    """A client that wants to be paired, and its keys.

    `version`: of WhatsApp Web, as the client says; `build_hash`: the MD5 of that text, likewise.
    """

    noise_key: bytes
    identity: bytes
    registration_id: int
    signed_prekey: PublicPreKey
    version: str = ""
    build_hash: bytes = b""


Greeting = Login | Registration


def read_hello(body: bytes) -> bytes:
    """Read the client's ephemeral key.

    Raises:
        GreetingError: there is none.
    """
    try:
        ephemeral: bytes = HandshakeMessage.FromString(body).clientHello.ephemeral
    except DecodeError as error:
        raise GreetingError("the first frame is no hello") from error
    return ephemeral


def write_hello(ephemeral: bytes, static: bytes, payload: bytes) -> bytes:
    """Write the server's answer to a hello."""
    hello = HandshakeMessage.ServerHello(ephemeral=ephemeral, static=static, payload=payload)
    written: bytes = HandshakeMessage(serverHello=hello).SerializeToString()
    return written


def read_finish(body: bytes, unseal: Callable[[bytes, bytes], tuple[bytes, bytes]]) -> Greeting:
    """Who the client says it is; `unseal` opens its static key and payload.

    Raises:
        GreetingError: the message or the payload in it can't be read.
    """
    try:
        finish = HandshakeMessage.FromString(body).clientFinish
        noise_key, plain = unseal(finish.static, finish.payload)
        payload = ClientPayload.FromString(plain)
    except DecodeError as error:
        raise GreetingError("the handshake's end can't be read") from error
    if payload.HasField("username"):
        return Login(noise_key, str(payload.username), payload.device, _version(payload))
    if not payload.HasField("devicePairingData"):
        raise GreetingError("the client neither logs in nor registers")
    data = payload.devicePairingData
    return Registration(
        noise_key=noise_key,
        identity=data.eIdent,
        registration_id=int.from_bytes(data.eRegid, "big"),
        signed_prekey=PublicPreKey(
            int.from_bytes(data.eSkeyID, "big"), data.eSkeyVal, data.eSkeySig
        ),
        version=_version(payload),
        build_hash=data.buildHash,
    )


def _version(payload: ClientPayload) -> str:
    app = payload.userAgent.appVersion
    return f"{app.primary}.{app.secondary}.{app.tertiary}"


def noise_certificate_chain(
    intermediate_key: bytes,
    leaf_key: bytes,
    not_before: int,
    not_after: int,
    sign_intermediate: Callable[[bytes], bytes],
    sign_leaf: Callable[[bytes], bytes],
) -> bytes:
    """Sign the two certificates of a server; times in seconds since 1970."""
    intermediate = CertChain.NoiseCertificate.Details(
        serial=1, issuerSerial=0, key=intermediate_key, notBefore=not_before, notAfter=not_after
    ).SerializeToString()
    leaf = CertChain.NoiseCertificate.Details(
        serial=2, issuerSerial=1, key=leaf_key, notBefore=not_before, notAfter=not_after
    ).SerializeToString()
    chain = CertChain(
        intermediate=CertChain.NoiseCertificate(
            details=intermediate, signature=sign_intermediate(intermediate)
        ),
        leaf=CertChain.NoiseCertificate(details=leaf, signature=sign_leaf(leaf)),
    )
    written: bytes = chain.SerializeToString()
    return written
