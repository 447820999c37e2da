"""Who vouches for the sandbox: its TLS authority and its Noise certificates; knows no connections.

Kept in the state folder, so that clients which trust one run trust the next. The chain's shape
(serials, lifetimes, XEdDSA signatures) is what whatsmeow's ``verifyServerCert`` asks for.
"""

import json
import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from waheal.sandbox.curve import KeyPair, sign
from waheal.sandbox.greeting import noise_certificate_chain
from waheal.writing import write_whole

CHAT_HOST = "web.whatsapp.com"
MEDIA_HOST = "mmg.whatsapp.net"
_DAY = 86_400
_LIFETIME = 10 * 365 * _DAY  # seconds; the chain is signed anew at each start


@dataclass(frozen=True, slots=True)
class Credentials:
    """The server's keys and certificates: what a client must trust, and what proves it."""

    authority: trustme.CA
    root: KeyPair
    intermediate: KeyPair
    static: KeyPair
    ca_path: Path

    @classmethod
    def load(cls, folder: Path) -> "Credentials":
        """Load the folder's keys, made on first use.

        Raises:
            OSError: the folder can't be read or written.
        """
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        ca_path, key_path, noise_path = folder / "ca.pem", folder / "ca.key", folder / "noise.json"
        if not noise_path.exists():  # written last, so its presence vouches for the others
            authority = trustme.CA(organization_name="waheal sandbox")
            write_whole(ca_path, authority.cert_pem.bytes())
            write_whole(key_path, authority.private_key_pem.bytes())
            keys = [KeyPair.generate().private.hex() for _ in range(3)]
            names = ("root", "intermediate", "static")
            write_whole(noise_path, json.dumps(dict(zip(names, keys, strict=True))).encode())
        stored = json.loads(noise_path.read_text())
        root, intermediate, static = (
            KeyPair.from_private(bytes.fromhex(stored[name]))
            for name in ("root", "intermediate", "static")
        )
        authority = trustme.CA.from_pem(ca_path.read_bytes(), key_path.read_bytes())
        return cls(authority, root, intermediate, static, ca_path.resolve())

    @property
    def noise_root(self) -> str:
        """The root's public key, 64 hex digits: what a client is to be patched with."""
        return self.root.public.hex()

    def certificates(self, now: float) -> bytes:
        """Sign the Noise certificate chain for the static key, valid round `now`."""
        not_before, not_after = int(now) - _DAY, int(now) + _LIFETIME
        return noise_certificate_chain(
            intermediate_key=self.intermediate.public,
            leaf_key=self.static.public,
            not_before=not_before,
            not_after=not_after,
            sign_intermediate=lambda details: sign(self.root.private, details),
            sign_leaf=lambda details: sign(self.intermediate.private, details),
        )

    def tls_context(self) -> ssl.SSLContext:
        """Make a server context for the chat and the media host, HTTP/1.1 only."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        context.num_tickets = 0  # the client never resumes; a ticket is wasted work
        self.authority.issue_cert(CHAT_HOST, MEDIA_HOST).configure_cert(context)
        return context

    def write_trust(self, path: Path, port: int, token: str) -> None:
        """Tell clients how to attach, and what opens the control interface: the JSON of `--trust`.

        Raises:
            OSError: the file can't be written.
        """
        told = {
            "proxy": f"http://127.0.0.1:{port}",
            "ca": str(self.ca_path),
            "noise_root": self.noise_root,
            "token": token,
        }
        write_whole(path, (json.dumps(told) + "\n").encode())
