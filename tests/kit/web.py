"""Pages on a server of this machine, in the clear or over TLS."""

import datetime as dt
import ipaddress
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

Answers = dict[str, tuple[int, dict[str, str], bytes]]
HTML = {"Content-Type": "text/html; charset=utf-8"}


class _Quiet(ThreadingHTTPServer):
    """Says nothing of a client that does not take its certificate."""

    def handle_error(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def server(
    answers: Answers, tls: ssl.SSLContext | None = None, hosts: list[str] | None = None
) -> Iterator[tuple[str, list[str]]]:
    """Serve these; its address, and which paths it was asked for. `hosts` takes each Host."""
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            if hosts is not None:
                hosts.append(self.headers["Host"])
            status, headers, body = answers.get(self.path, (404, HTML, b""))
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(body))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    serving = _Quiet(("127.0.0.1", 0), Handler)
    if tls is not None:
        serving.socket = tls.wrap_socket(
            serving.socket, server_side=True, do_handshake_on_connect=False
        )
    thread = threading.Thread(target=serving.serve_forever)
    thread.start()
    try:
        yield f"{'http' if tls is None else 'https'}://127.0.0.1:{serving.server_port}", asked
    finally:
        serving.shutdown()
        thread.join()
        serving.server_close()


@dataclass(frozen=True, slots=True)
class Certified:
    """What a server shows for itself, and the file of who vouches for that."""

    context: ssl.SSLContext
    authority: Path


def certified(folder: Path, address: str) -> Certified:
    """Make a certificate for an address, which is its own authority."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    now = dt.datetime.now(dt.UTC)
    day = dt.timedelta(days=1)
    names = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(address))])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - day)
        .not_valid_after(now + day)
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, SHA256())
    )
    authority, secret = folder / "authority.pem", folder / "key.pem"
    authority.write_bytes(made.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(authority, secret)
    return Certified(context, authority)
