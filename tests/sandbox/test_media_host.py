import hashlib
import json
from base64 import urlsafe_b64encode
from http import HTTPStatus
from pathlib import Path

from tests.sandbox.worlds import Device, Stage
from waheal.sandbox.fault_orders import FaultKind, FaultOrder
from waheal.sandbox.media_host import MediaHost, auth_token
from waheal.sandbox.web import Request

_BLOB = b"sealed by the client"


def _token(blob: bytes) -> str:
    return urlsafe_b64encode(hashlib.sha256(blob).digest()).decode()


def _upload(blob: bytes, token: str, auth: str = "") -> Request:
    return Request("POST", f"/mms/document/{token}?auth={auth}&token={token}", {}, blob)


def test_a_file_is_found_by_the_hash_of_what_it_holds(tmp_path: Path) -> None:
    host = MediaHost(tmp_path / "media")
    response = host.answer(_upload(_BLOB, _token(_BLOB)))
    assert response.status is HTTPStatus.OK
    assert host.find(hashlib.sha256(_BLOB).digest()) == _BLOB
    path = json.loads(response.body)["direct_path"]
    assert host.answer(Request("GET", path, {})).body == _BLOB


def test_a_file_under_another_hash_is_refused(tmp_path: Path) -> None:
    host = MediaHost(tmp_path / "media")
    assert host.answer(_upload(_BLOB, _token(b"x"))).status is HTTPStatus.BAD_REQUEST
    assert host.find(hashlib.sha256(_BLOB).digest()) is None


def test_a_path_leads_to_no_other_folder(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("x")
    host = MediaHost(tmp_path / "media")
    for path in ("/v/../secret", "/../secret", "/secret", "/"):
        assert host.answer(Request("GET", path, {})).status is HTTPStatus.NOT_FOUND


def test_a_devices_upload_can_be_refused(stage: Stage, device: Device) -> None:
    stage.world.order(FaultOrder(FaultKind.UPLOAD_REFUSED, device=device.jid, code=413))
    jid = device.companion.jid
    others = _upload(_BLOB, _token(_BLOB), auth_token("14255550199", 3))
    assert stage.world.upload(others).status is HTTPStatus.OK
    ours = _upload(_BLOB, _token(_BLOB), auth_token(jid.user, jid.device))
    assert stage.world.upload(ours).status == 413
    assert stage.world.upload(ours).status is HTTPStatus.OK
