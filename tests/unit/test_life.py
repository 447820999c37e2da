"""A client's life: its states, and who waits for them."""

from threading import Thread

from waheal.host.life import Death, Life, LifeState


def test_waiting_ends_when_it_is_up() -> None:
    life = Life()
    found: list[bool] = []
    waiting = Thread(target=lambda: found.append(life.wait_up(20)))
    waiting.start()
    life.up()
    waiting.join()
    assert found == [True]


def test_waiting_ends_when_it_is_dead() -> None:
    life = Life()
    assert life.die(Death("gone"))
    assert not life.wait_up(20)


def test_it_dies_once() -> None:
    life = Life()
    assert life.die(Death("first"))
    assert not life.die(Death("second"))
    life.up()
    life.down("x")
    life.doubt("x")
    assert (life.state, life.cause, life.death) == (LifeState.DEAD, "first", Death("first"))


def test_a_doubt_yields_to_what_an_event_said() -> None:
    life = Life()
    life.up()
    life.down("connection lost")
    life.doubt("a send failed")
    assert (life.state, life.cause) == (LifeState.DOWN, "connection lost")
    life.up()
    life.doubt("a send failed")
    assert life.state is LifeState.DOUBTED
    assert not life.wait_up(0)
    life.up()
    assert (life.state, life.cause) == (LifeState.UP, "")
