"""The shell: sockets, timers, processes. What the world decides is tested without it."""

import asyncio
import json
import os
import re
import resource
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path

import pytest
from websockets.client import ClientProtocol
from websockets.uri import parse_uri

from tests.sandbox.scripted import DeviceKeys, Initiator, bodies, login_payload
from waheal.sandbox.codec import Node, encode
from waheal.sandbox.control import (
    Control,
    ControlError,
    ControlForbiddenError,
    ControlTimeoutError,
    FaultKind,
    FaultOrder,
)
from waheal.sandbox.credentials import CHAT_HOST, Credentials
from waheal.sandbox.curve import KeyPair
from waheal.sandbox.gate import Gate
from waheal.sandbox.journal import Journal
from waheal.sandbox.media_host import MediaHost
from waheal.sandbox.server import Server
from waheal.sandbox.world import World

_PATIENCE = 60.0  # seconds: the machine may be busy
TOKEN = "5e" * 32


@contextmanager
def _serving(state: Path) -> Iterator[tuple[Server, Credentials]]:
    """A server on an event loop of its own."""
    credentials, journal = Credentials.load(state), Journal(state / "journal.jsonl")
    loop = asyncio.new_event_loop()
    world = World.open(journal, MediaHost(state / "media"), _now)
    server = Server(world, credentials, _now, Gate(TOKEN))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(server.start(), loop).result(_PATIENCE)
        yield server, credentials
    finally:
        asyncio.run_coroutine_threadsafe(server.stop(), loop).result(_PATIENCE)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(_PATIENCE)
        loop.close()
        journal.close()


def _now() -> float:
    return 1_800_000_000.0


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Server, Credentials]]:
    with _serving(tmp_path) as served:
        yield served


@pytest.fixture
def control(served: tuple[Server, Credentials]) -> Control:
    return Control(f"http://127.0.0.1:{served[0].port}", TOKEN, patience=_PATIENCE)


class _Client:
    """A client over real sockets: CONNECT, TLS, WebSocket, Noise."""

    def __init__(self, served: tuple[Server, Credentials], private: bytes, number: str) -> None:
        server, credentials = served
        plain = socket.create_connection(("127.0.0.1", server.port), _PATIENCE)
        plain.sendall(f"CONNECT {CHAT_HOST}:443 HTTP/1.1\r\nHost: {CHAT_HOST}\r\n\r\n".encode())
        with plain.makefile("rb") as said:
            assert said.readline().startswith(b"HTTP/1.1 200")
            assert said.readline() == b"\r\n"
        context = ssl.create_default_context(cafile=str(credentials.ca_path))
        self._socket = context.wrap_socket(plain, server_hostname=CHAT_HOST)
        self._web = ClientProtocol(parse_uri(f"wss://{CHAT_HOST}/ws/chat"))
        self._web.send_request(self._web.connect())
        self._flush()
        self._receive()
        keys = DeviceKeys(noise=KeyPair.from_private(private))
        self._noise = Initiator(keys)
        self._send(self._noise.hello())
        (answer,) = bodies(self._receive())
        self._send(self._noise.finish(answer, login_payload(number, 1)))

    def close(self) -> None:
        self._socket.close()

    def say(self, node: Node) -> None:
        self._send(self._noise.seal(node))

    def hear(self) -> list[Node]:
        return self._noise.open(self._receive())

    def _send(self, data: bytes) -> None:
        self._web.send_binary(data)
        self._flush()

    def _flush(self) -> None:
        self._socket.sendall(b"".join(self._web.data_to_send()))

    def _receive(self) -> bytes:
        """Wait until something is whole: the answer to the upgrade, or a frame or more."""
        while True:
            data = self._socket.recv(65536)
            assert data, "the server has closed the connection"
            self._web.receive_data(data)
            if frames := self._web.events_received():
                return b"".join(bytes(getattr(frame, "data", b"")) for frame in frames)


@pytest.fixture
def client(served: tuple[Server, Credentials], control: Control) -> Iterator[_Client]:
    (made,) = control.devices.provision(1)
    client = _Client(served, bytes.fromhex(made.noise_key), made.pn_user)
    yield client
    client.close()


def test_a_client_logs_in_over_real_sockets(control: Control, client: _Client) -> None:
    assert client.hear()[0].tag == "success"
    client.say(Node("iq", {"id": "1", "xmlns": "passive", "type": "set"}, (Node("active"),)))
    assert client.hear()[0].attr("type") == "result"
    (device,) = control.devices.linked()
    assert control.devices.wait_connected(device.jid).logins == 1


@pytest.mark.parametrize(
    "garbage",
    [
        b"\x00" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b"POST /control HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc",
        b"CONNECT x HTTP/1.1\r\n\r\nnot TLS at all",
        b"x" * 100_000,
    ],
)
def test_garbage_ends_its_own_connection_only(
    served: tuple[Server, Credentials], control: Control, client: _Client, garbage: bytes
) -> None:
    client.hear()
    address = ("127.0.0.1", served[0].port)
    with suppress(OSError), socket.create_connection(address, _PATIENCE) as other:
        other.sendall(garbage)  # it may have heard enough before the end
        other.shutdown(socket.SHUT_WR)
        while other.recv(4096):
            pass
    client.say(Node("iq", {"id": "1", "xmlns": "w:p", "type": "get"}))
    assert client.hear()[0].attr("id") == "1"
    assert control.devices.linked()[0].logins == 1


def _read(connection: socket.socket) -> bytes:
    try:
        return connection.recv(4096)
    except ConnectionResetError:
        return b""


def _answer(connection: socket.socket) -> bytes:
    """Read one answer, whole: its head, and as much as that says."""
    with connection.makefile("rb") as said:
        head = b"".join(iter(said.readline, b"\r\n")) + b"\r\n"
        (length,) = re.findall(rb"(?i)content-length: (\d+)\r\n", head)
        return head + said.read(int(length))


def _asked(port: int, verb: str, headers: dict[str, str], body: bytes = b"") -> bytes:
    """Ask by hand; the answer."""
    told = headers | {"Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in told.items())
    with socket.create_connection(("127.0.0.1", port), _PATIENCE) as page:
        page.sendall(f"{verb} HTTP/1.1\r\n{head}\r\n".encode() + body)
        return _answer(page)


def _right(port: int) -> dict[str, str]:
    return {"Host": f"127.0.0.1:{port}", "Authorization": f"Bearer {TOKEN}"}


_VERBS = ["GET /control/watch", "POST /control", "GET /", "PUT /control", "POST http://x/control"]


@pytest.mark.parametrize("verb", _VERBS)
@pytest.mark.parametrize(
    "wrong",
    [
        {"Authorization": None},
        {"Authorization": ""},
        {"Authorization": "Bearer " + "5f" * 32},
        {"Authorization": "Bearer " + TOKEN[:-1]},
        {"Authorization": TOKEN},
        {"Authorization": "Bearer \xff\xe9"},
        {"Origin": "http://127.0.0.1"},
        {"Origin": "null"},
        {"Host": None},
        {"Host": "127.0.0.1"},
        {"Host": "127.0.0.1:1"},
        {"Host": "rebound.example:PORT"},
        {"Host": "127.0.0.1.rebound.example:PORT"},
    ],
    ids=str,
)
def test_whoever_does_not_show_the_token_or_is_a_web_page_is_told_nothing(
    served: tuple[Server, Credentials], control: Control, verb: str, wrong: dict[str, str | None]
) -> None:
    port = served[0].port
    changed = _right(port) | wrong
    headers = {name: each.replace("PORT", str(port)) for name, each in changed.items() if each}
    if wrong.get("Authorization") == "":
        headers["Authorization"] = ""
    answer = _asked(port, verb, headers, b'{"op":"provision","count":1}')
    assert answer.startswith(b"HTTP/1.1 403")
    assert answer.endswith(b'{"error":"not allowed"}')
    assert control.devices.linked() == []


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST", "[::1]"])
def test_by_any_name_of_this_machine_it_answers_whoever_shows_the_token(
    served: tuple[Server, Credentials], name: str
) -> None:
    port = served[0].port
    headers = _right(port) | {"Host": f"{name}:{port}"}
    assert _asked(port, "POST /control", headers, b'{"op":"stats"}').startswith(b"HTTP/1.1 200")


def test_a_wrong_token_is_told_apart_and_shown_nowhere(
    served: tuple[Server, Credentials], control: Control
) -> None:
    stranger = Control(f"http://127.0.0.1:{served[0].port}", "00" * 32)
    with pytest.raises(ControlForbiddenError, match="not allowed"):
        stranger.phones.received()
    with pytest.raises(ControlForbiddenError):
        next(stranger.watch())
    assert TOKEN not in f"{control}{control.phones}{Gate(TOKEN)}"


def test_each_start_has_a_token_of_its_own_which_only_the_trust_file_tells(
    tmp_path: Path,
) -> None:
    tokens = set[str]()
    for _ in range(2):
        with _start(tmp_path) as process:
            assert process.stdout is not None
            ready = process.stdout.readline().decode()
            told = json.loads((tmp_path / "trust.json").read_text())
            assert told["token"] not in ready + Path(f"/proc/{process.pid}/cmdline").read_text()
            Control(told["proxy"], told["token"]).stats()
            tokens.add(told["token"])
            process.terminate()
            process.wait(_PATIENCE)
    assert {len(bytes.fromhex(token)) for token in tokens} == {32}
    assert len(tokens) == 2


def test_a_body_without_an_end_is_not_kept(served: tuple[Server, Credentials]) -> None:
    for length in ("1048577", "9" * 5000):
        headers = f"Content-Length: {length}\r\n\r\n"
        with socket.create_connection(("127.0.0.1", served[0].port), _PATIENCE) as other:
            other.sendall(b"POST /control HTTP/1.1\r\n" + headers.encode())
            assert _read(other) == b""


def test_an_order_that_makes_no_sense_is_refused_in_words(control: Control) -> None:
    with pytest.raises(ControlError, match="no linked device goes by"):
        control.phones.reply("+447700900123", "14255550150:1@s.whatsapp.net", "hello")
    with pytest.raises(ControlError, match="no client waits"):
        control.phones.enter_code("+447700900123", "ABCD-1234")
    with pytest.raises(ControlError, match="holds no message"):
        control.phones.mark_read("+447700900123", "A1")


def test_a_device_that_is_connected_is_told_any_stanza(control: Control, client: _Client) -> None:
    client.hear()
    (device,) = control.devices.linked()
    control.devices.tell(device.jid, encode(Node("ib", {}, (Node("dirty", {"type": "groups"}),))))
    (told,) = client.hear()
    assert (told.tag, [each.tag for each in told.children()]) == ("ib", ["dirty"])


def test_a_stanza_that_is_told_holds_what_a_phone_sealed(control: Control, client: _Client) -> None:
    client.hear()
    (device,) = control.devices.linked()
    stanza = Node("message", {"type": "text"}, (Node("meta"), Node("enc")))
    control.devices.tell(device.jid, encode(stanza), "+447700900123", "hello")
    (told,) = client.hear()
    meta, enc = told.children()
    assert (meta.tag, enc.tag, enc.attr("type")) == ("meta", "enc", "pkmsg")
    assert enc.data()


def test_nobody_is_told_who_is_not_connected(control: Control) -> None:
    (made,) = control.devices.provision(1)
    with pytest.raises(ControlError, match="is not connected"):
        control.devices.tell(made.jid, encode(Node("ib")))
    with pytest.raises(ControlError, match="cut short"):
        control.devices.tell(made.jid, b"\0\xf8")


def test_waiting_ends_when_it_has_come_or_when_time_is_up(
    served: tuple[Server, Credentials], control: Control
) -> None:
    with pytest.raises(ControlTimeoutError):
        control.wait_stats("login", 1, timeout=0.05)
    (made,) = control.devices.provision(1)
    waited: list[int] = []

    def wait() -> None:
        waited.append(control.wait_stats("login", 1).total["login"])

    waiter = threading.Thread(target=wait)
    waiter.start()
    client = _Client(served, bytes.fromhex(made.noise_key), made.pn_user)
    waiter.join(_PATIENCE)
    assert waited == [1]
    client.close()


def test_watchers_see_what_happens(served: tuple[Server, Credentials], control: Control) -> None:
    (made,) = control.devices.provision(1)
    with socket.create_connection(("127.0.0.1", served[0].port), _PATIENCE) as raw:
        head = "".join(f"{name}: {each}\r\n" for name, each in _right(served[0].port).items())
        raw.sendall(f"GET /control/watch HTTP/1.1\r\n{head}\r\n".encode())
        told = raw.makefile("rb")
        assert b"ndjson" in b"".join(iter(told.readline, b"\r\n"))
        client = _Client(served, bytes.fromhex(made.noise_key), made.pn_user)
        line = json.loads(told.readline())
    assert (line["event"], line["device"]) == ("connected", made.jid)
    client.close()


def test_the_server_is_gone_and_comes_back_on_its_port(
    served: tuple[Server, Credentials], control: Control, client: _Client
) -> None:
    client.hear()
    (device,) = control.devices.linked()
    port = served[0].port
    control.faults.order(FaultOrder(FaultKind.SERVER_GONE, seconds=0.2))
    control.devices.wait_disconnected(device.jid)
    assert [one.jid for one in control.devices.linked()] == [device.jid]
    assert served[0].port == port


def _start(state: Path, parent_fd: int | None = None) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "waheal.sandbox", "--state", str(state)]
    passed: tuple[int, ...] = ()
    if parent_fd is not None:
        command += ["--parent-fd", str(parent_fd)]
        passed = (parent_fd,)
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, pass_fds=passed
    )


def test_the_process_ends_with_its_parents_pipe(tmp_path: Path) -> None:
    reader, writer = os.pipe()
    with _start(tmp_path, reader) as process:
        os.close(reader)
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["port"]
        os.close(writer)
        assert process.wait(_PATIENCE) == 0


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_process_ends_on_a_signal_and_remembers(tmp_path: Path, number: int) -> None:
    with _start(tmp_path) as process:
        assert process.stdout is not None
        process.stdout.readline()
        told = json.loads((tmp_path / "trust.json").read_text())
        (made,) = Control(told["proxy"], told["token"]).devices.provision(1)
        process.send_signal(number)
        assert process.wait(_PATIENCE) == 0
    with _serving(tmp_path) as (server, _):
        (device,) = Control(f"http://127.0.0.1:{server.port}", TOKEN).devices.linked()
        assert device.jid == made.jid


def test_a_second_process_in_the_same_folder_is_refused(tmp_path: Path) -> None:
    with _start(tmp_path) as first:
        assert first.stdout is not None
        first.stdout.readline()
        with _start(tmp_path) as second:
            assert second.stderr is not None
            assert second.wait(_PATIENCE) == 2
            assert b"another sandbox runs in" in second.stderr.read()
        first.terminate()


@pytest.mark.parametrize(("mode", "stranger"), [(0o730, 0), (0o700, 54_321)])
def test_a_state_folder_that_others_may_write_into_is_refused(
    tmp_path: Path, mode: int, stranger: int
) -> None:
    if stranger and os.geteuid() != 0:
        pytest.skip("only root can give files away")
    state = tmp_path / "state"
    state.mkdir()
    state.chmod(mode)
    os.chown(state, stranger or os.geteuid(), -1)
    with _start(state) as process:
        assert process.stderr is not None
        try:
            assert process.wait(_PATIENCE) == 2
        finally:
            process.kill()
        assert b"another user's, or others may write" in process.stderr.read()
    assert list(state.iterdir()) == []


def test_everything_that_it_writes_is_its_owners_only(tmp_path: Path) -> None:
    with _start(tmp_path / "state") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.terminate()
        process.wait(_PATIENCE)
    modes = {path.stat().st_mode & 0o077 for path in (tmp_path / "state").rglob("*")}
    assert modes == {0}


def test_whoever_says_nothing_makes_room_for_others(
    served: tuple[Server, Credentials], control: Control, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _which: (8, 8))
    address = ("127.0.0.1", served[0].port)
    silent = [socket.create_connection(address, _PATIENCE) for _ in range(6)]
    assert control.stats().total == {}
    assert [one.recv(1) for one in silent[:2]] == [b"", b""]
    for one in silent:
        one.close()


def test_a_connection_that_may_not_ask_is_closed(served: tuple[Server, Credentials]) -> None:
    with socket.create_connection(("127.0.0.1", served[0].port), _PATIENCE) as peer:
        peer.sendall(b"POST /control HTTP/1.1\r\n\r\n")
        with peer.makefile("rb") as answer:
            assert answer.read().startswith(b"HTTP/1.1 403 ")


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 60_000,
        b'{"op": "received", "count": 1, "timeout": NaN}',
        b'{"op": "order", "kind": "slow-ack", "seconds": 1e999}',
        b'{"op": "reply", "phone": "+12025550100", "device": "", "text": "\\ud800"}',
        b'{"op": "provision", "count": 1000000000}',
    ],
)
def test_an_order_without_an_end_is_refused_at_once(
    served: tuple[Server, Credentials], body: bytes
) -> None:
    connection = HTTPConnection("127.0.0.1", served[0].port, timeout=_PATIENCE)
    connection.request("POST", "/control", body, {"Authorization": f"Bearer {TOKEN}"})
    assert connection.getresponse().status == 400
    connection.close()
