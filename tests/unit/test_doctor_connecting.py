import pytest

from waheal.doctor.connecting import explain
from waheal.findings import Status
from waheal.model import DeviceId, Quarantine

DEVICE = DeviceId("shop-1")


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("dial tcp: lookup web.whatsapp.com: no such host", "DNS"),
        ("proxyconnect tcp: dial tcp 127.0.0.1:7001: connect: connection refused", "proxy"),
        ("tls: failed to verify certificate: x509: unknown authority", "TLS"),
        ("dial tcp 192.0.2.1:443: connect: connection refused", "nothing listens"),
        ("no answer within 60 s", "no answer in time"),
        ("something new", "something new"),
    ],
)
def test_the_network_s_troubles_are_told_apart(reason: str, told: str) -> None:
    found = explain(DEVICE, reason, None)
    assert (found.status, told in found.detail, bool(found.hint)) == (Status.FAIL, True, True)


@pytest.mark.parametrize("quarantine", list(Quarantine))
def test_every_quarantine_has_its_way_out(quarantine: Quarantine) -> None:
    assert explain(DEVICE, "refused", quarantine).hint


def test_a_client_that_is_too_old_is_to_be_upgraded() -> None:
    found = explain(DEVICE, "", Quarantine.OUTDATED)
    assert ("405" in found.detail, found.hint) == (True, "run `pip install --upgrade waheal`")
