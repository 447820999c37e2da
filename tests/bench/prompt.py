"""A child process in a host's place: takes each Send, and answers at once that it was accepted."""

import os
import sys
from multiprocessing.connection import Connection

from waheal.host.channel import Channel
from waheal.model import Accepted
from waheal.wire import Answer, Finish, Ready, Send


def main() -> None:
    channel = Channel(Connection(int(sys.argv[1])))
    channel.start()
    channel.receive_setup()
    channel.tell(Ready(os.getpid(), "none"))
    while True:
        match channel.receive():
            case Send() as send:
                sent = Accepted(f"ID{send.delivery}-{send.attempt}")
                channel.tell(Answer(send.delivery, send.attempt, send.device, sent))
            case Finish():
                channel.flush(5.0)
                return
            case _:
                pass


if __name__ == "__main__":
    main()
