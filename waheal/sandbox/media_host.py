"""The media host: encrypted files under the hash of what they hold; it can read none of them."""

import hashlib
import json
from base64 import urlsafe_b64decode
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from waheal.sandbox.credentials import MEDIA_HOST
from waheal.sandbox.web import Request, Response
from waheal.writing import write_whole

_AUTH = "sandbox-"


def auth_token(user: str, device: int) -> str:
    """Tell what a device shows with its uploads."""
    return f"{_AUTH}{user}-{device}"


def uploader(request: Request) -> str:
    """Tell the JID of the device that uploads, empty where it shows no token."""
    auth = parse_qs(urlsplit(request.target).query).get("auth", [""])[0]
    user, _, device = auth.removeprefix(_AUTH).partition("-")
    return f"{user}:{device}@s.whatsapp.net" if user.isdigit() and device.isdigit() else ""


@dataclass(frozen=True, slots=True)
class MediaHost:
    """A folder of uploads."""

    folder: Path

    def find(self, enc_sha256: bytes) -> bytes | None:
        """Tell the file of this SHA-256, if it was uploaded."""
        path = self.folder / enc_sha256.hex()
        return path.read_bytes() if enc_sha256 and path.is_file() else None

    def answer(self, request: Request) -> Response:
        """Take an upload (whatsmeow's ``upload.go``) or hand a file out."""
        path = urlsplit(request.target).path
        name = path.rpartition("/")[2]
        if request.method == "GET":
            blob = self.find(_hash_of(name))
            if blob is None:
                return Response(HTTPStatus.NOT_FOUND)
            return Response(HTTPStatus.OK, blob, "application/octet-stream")
        if request.method != "POST" or not path.startswith("/mms/"):
            return Response(HTTPStatus.NOT_FOUND)
        if hashlib.sha256(request.body).digest() != _hash_of(name):
            return Response(HTTPStatus.BAD_REQUEST)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(self.folder / _hash_of(name).hex(), request.body)
        told = {"url": f"https://{MEDIA_HOST}/v/{name}", "direct_path": f"/v/{name}"}
        return Response(HTTPStatus.OK, json.dumps(told).encode())


def _hash_of(token: str) -> bytes:
    try:
        return urlsafe_b64decode(token)
    except ValueError:
        return b""
