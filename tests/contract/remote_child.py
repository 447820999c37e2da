"""A process with the real library that does what a test's `RemoteClient` asks of its clients."""

import os
import sys
import threading
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path
from time import monotonic

from tests.contract.remote_words import Build, Call, Done, Gone, Told
from waheal.host import event_table, trust_patch
from waheal.host.appearance import Appearances
from waheal.host.client import ConnectionEvent, SendError
from waheal.host.composing import Uploads
from waheal.host.directory import Listing
from waheal.host.neonize_client import NeonizeClient
from waheal.host.whatsapp import Library
from waheal.model import Phone, Trust


class Child:
    def __init__(self, channel: Connection, database: Path, trust: Trust) -> None:
        self._channel = channel
        self._writing = threading.Lock()
        self._library = Library(database, trust_patch.check(trust))
        self._uploads = Uploads(monotonic)
        self._appearances = Appearances()
        self._clients: dict[int, NeonizeClient] = {}

    def tell(self, said: Told | Done | Gone) -> None:
        with self._writing:
            self._channel.send(said)

    def build(self, number: int, jid: str) -> None:
        def on_event(event: ConnectionEvent) -> None:
            self.tell(Told(number, event))
            client.life.apply(event_table.life_change(event))

        client = self._clients[number] = NeonizeClient(
            self._library,
            self._uploads,
            self._appearances,
            jid,
            on_event,
            lambda news: self.tell(Told(number, news)),
        )
        threading.Thread(target=self._watch, args=(number,), daemon=True).start()

    def call(self, asked: Call) -> None:
        try:
            self.tell(Done(asked.id, self._do(self._clients[asked.number], asked)))
        except SendError as error:
            self.tell(Done(asked.id, None, str(error)))

    def _do(
        self, client: NeonizeClient, asked: Call
    ) -> bool | str | Mapping[Phone, Listing] | None:
        match asked.method:
            case "connect":
                return client.connect(asked.timeout)
            case "is_connected":
                return client.is_connected()
            case "hang_up" | "stop" as how:
                end = client.stop if how == "stop" else client.hang_up
                return end(asked.timeout)
            case "logout":
                client.logout()
            case "look_up":
                return client.look_up(asked.phones)
            case "fetch_devices":
                client.fetch_devices(asked.lids)
        if asked.message is None:
            return None
        client.prepare(asked.message)
        return client.send(asked.message)

    def _watch(self, number: int) -> None:
        self._clients[number].gone.wait()
        self.tell(Gone(number))


def main(channel: Connection) -> None:
    database, trust = channel.recv()
    child = Child(channel, Path(database), trust)
    while True:
        try:
            match channel.recv():
                case Build(number, jid):
                    child.build(number, jid)
                case Call() as asked:
                    threading.Thread(target=child.call, args=(asked,), daemon=True).start()
                case other:
                    raise TypeError(other)
        except EOFError:
            os._exit(0)


if __name__ == "__main__":
    main(Connection(int(sys.argv[1])))
