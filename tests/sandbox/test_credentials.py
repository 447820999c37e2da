import json
import ssl
from pathlib import Path

import pytest

from waheal.sandbox.credentials import CHAT_HOST, MEDIA_HOST, Credentials
from waheal.sandbox.curve import verify
from waheal.sandbox.protobufs import CertChain

_NOW = 1_800_000_000.0


def _details(certificate: CertChain.NoiseCertificate) -> CertChain.NoiseCertificate.Details:
    return CertChain.NoiseCertificate.Details.FromString(certificate.details)


def test_a_second_run_has_the_trust_of_the_first(tmp_path: Path) -> None:
    first, second = Credentials.load(tmp_path), Credentials.load(tmp_path)
    assert first.noise_root == second.noise_root
    assert first.authority.cert_pem.bytes() == second.authority.cert_pem.bytes()
    assert first.static == second.static


def test_only_the_owner_can_read_it(tmp_path: Path) -> None:
    Credentials.load(tmp_path / "state").write_trust(tmp_path / "state" / "trust.json", 7001, "ab")
    files = [*(tmp_path / "state").iterdir()]
    assert {path.name for path in files} == {"ca.pem", "ca.key", "noise.json", "trust.json"}
    assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    assert (tmp_path / "state").stat().st_mode & 0o777 == 0o700


def test_an_interrupted_first_run_is_made_up_for(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("half a certificate")
    assert Credentials.load(tmp_path).authority.cert_pem.bytes().startswith(b"-----BEGIN")


def test_the_noise_chain_hangs_together(tmp_path: Path) -> None:
    credentials = Credentials.load(tmp_path)
    chain = CertChain.FromString(credentials.certificates(_NOW))
    intermediate, leaf = _details(chain.intermediate), _details(chain.leaf)
    root = bytes.fromhex(credentials.noise_root)
    assert verify(root, chain.intermediate.details, chain.intermediate.signature)
    assert verify(intermediate.key, chain.leaf.details, chain.leaf.signature)
    assert (intermediate.issuerSerial, leaf.issuerSerial) == (0, intermediate.serial)
    assert leaf.key == credentials.static.public
    assert all(part.notBefore < _NOW < part.notAfter for part in (intermediate, leaf))


def test_the_trust_file_tells_clients_how_to_attach(tmp_path: Path) -> None:
    credentials = Credentials.load(tmp_path)
    credentials.write_trust(tmp_path / "t.json", 7001, "ab")
    assert json.loads((tmp_path / "t.json").read_text()) == {
        "proxy": "http://127.0.0.1:7001",
        "ca": str(tmp_path / "ca.pem"),
        "noise_root": credentials.noise_root,
        "token": "ab",
    }


@pytest.mark.parametrize("host", [CHAT_HOST, MEDIA_HOST])
def test_tls_holds_for_both_hosts(tmp_path: Path, host: str) -> None:
    credentials = Credentials.load(tmp_path)
    context = ssl.create_default_context(cafile=str(credentials.ca_path))
    ours, theirs = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = context.wrap_bio(theirs, ours, server_hostname=host)
    server = credentials.tls_context().wrap_bio(ours, theirs, server_side=True)
    for side in (client, server, client, server):
        try:
            side.do_handshake()
        except ssl.SSLWantReadError:
            continue
    assert client.cipher() is not None
