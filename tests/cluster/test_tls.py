"""A way to the ledger that others could listen on: TLS, and a server that proves who it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.kit.machines import Machines
from tests.kit.postgres import Server, durable_server
from tests.kit.proxy import Proxy
from waheal.model import ExitCode

pytestmark = pytest.mark.cluster

NAME = "db.example"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@pytest.fixture(scope="module")
def port(authority: trustme.CA) -> Iterator[int]:
    """Let a server have a certificate of this authority."""
    made = authority.issue_cert(NAME)
    with durable_server() as server:
        yield server.listen(made.private_key_and_cert_chain_pem.bytes())


def url(folder: Path, authority: trustme.CA, port: int, name: str = NAME) -> str:
    """Name the server as an operator does who has an authority of their own."""
    root = folder / "ca.pem"
    authority.cert_pem.write_to_path(str(root))
    at = f"postgresql://waheal@{name}:{port}/postgres?hostaddr=127.0.0.1"
    return f"{at}&sslmode=verify-full&sslrootcert={root}"


def test_a_server_that_proves_who_it_is_is_used_and_told_as_such(
    alone: Machines, authority: trustme.CA, port: int
) -> None:
    alone.url = url(alone.folder, authority, port)
    made = alone.run("paris", "cluster", "init")
    assert made.code == 0, made.err
    assert alone.run("paris", "cluster", "join", "--name", "paris").code == 0
    checks = alone.run("paris", "doctor", "--json").document["checks"]
    assert isinstance(checks, list)
    (reach,) = [each for each in checks if each["id"] == "cluster.reach"]
    assert "over TLS" in reach["detail"]


@pytest.mark.parametrize("why", ["another name", "another authority", "no authority"])
def test_a_server_that_does_not_is_refused_with_what_to_do(
    alone: Machines, authority: trustme.CA, port: int, why: str
) -> None:
    trusted = trustme.CA() if why == "another authority" else authority
    asked = url(alone.folder, trusted, port, "other.example" if why == "another name" else NAME)
    if why == "no authority":
        asked = asked.partition("&sslrootcert")[0]
    refused = alone.run("paris", "status", "--ledger", asked, env={"HOME": str(alone.folder)})
    assert (refused.code, "nothing was sent" in refused.err) == (ExitCode.HOME_UNUSABLE, True)
    assert "sslrootcert" in refused.err.partition("hint: ")[2], refused.err


def test_a_server_without_tls_is_refused_where_it_is_asked_for(
    alone: Machines, durable: Server, authority: trustme.CA
) -> None:
    with Proxy(durable.url) as plain:
        port = int(plain.url.rpartition(":")[2].partition("/")[0])
        refused = alone.run("paris", "status", "--ledger", url(alone.folder, authority, port))
    assert refused.code == ExitCode.HOME_UNUSABLE
    assert "ssl = on" in refused.err.partition("hint: ")[2], refused.err
