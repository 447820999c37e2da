"""Lines to a stream whose reader may be slow or gone."""

import os
import threading

from waheal.views.talk import Talk


def test_a_stream_that_another_program_made_non_blocking_loses_nothing() -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    got: list[bytes] = []

    def drain() -> None:
        with os.fdopen(reader, "rb") as source:
            got.append(source.read())

    with os.fdopen(writer, "w") as stream:
        talk = Talk(stream)
        # The pipe is full before anybody reads it.
        while True:
            try:
                os.write(writer, b"." * 4096)
            except BlockingIOError:
                break
        thread = threading.Thread(target=drain)
        thread.start()
        assert all(talk.say(f"line {number}\n") for number in range(100))
    thread.join(10)
    assert got[0].endswith(b"line 98\nline 99\n")
    assert got[0].count(b"line") == 100


def test_a_stream_that_broke_is_left_alone() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    with os.fdopen(writer, "w") as stream:
        talk = Talk(stream)
        assert not talk.say("one\n")
        assert not talk.say("two\n")
        assert isinstance(talk.lost, BrokenPipeError)
