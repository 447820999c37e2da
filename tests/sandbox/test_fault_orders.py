from waheal.sandbox.fault_orders import ON_MESSAGE, FaultBook, FaultKind, FaultOrder

_DEVICE = "14255550150:1@s.whatsapp.net"
_ACK = FaultKind.ACK_ERROR


def _book(*faults: FaultOrder) -> FaultBook:
    book = FaultBook()
    for fault in faults:
        book.order(fault)
    return book


def test_an_order_holds_for_its_count() -> None:
    book = _book(FaultOrder(_ACK, count=2, code=429))
    taken = [book.take([_ACK], _DEVICE) for _ in range(3)]
    assert [fault is None for fault in taken] == [False, False, True]


def test_an_order_without_a_count_holds_until_it_is_cleared() -> None:
    book = _book(FaultOrder(_ACK, count=None))
    assert all(book.take([_ACK], _DEVICE) for _ in range(20))
    book.clear()
    assert book.take([_ACK], _DEVICE) is None


def test_the_oldest_order_that_fits_comes_first() -> None:
    book = _book(
        FaultOrder(_ACK, code=1), FaultOrder(FaultKind.DROP_BEFORE), FaultOrder(_ACK, code=2)
    )
    kinds = [book.take(ON_MESSAGE, _DEVICE) for _ in range(3)]
    assert [fault and (fault.kind, fault.code) for fault in kinds] == [
        (_ACK, 1),
        (FaultKind.DROP_BEFORE, 0),
        (_ACK, 2),
    ]


def test_an_order_for_a_device_leaves_its_twin_alone() -> None:
    book = _book(FaultOrder(_ACK, device=_DEVICE))
    assert book.take([_ACK], "14255550150:2@s.whatsapp.net") is None
    assert book.take([_ACK], _DEVICE) is not None


def test_a_number_stands_for_all_of_its_devices() -> None:
    book = _book(FaultOrder(_ACK, device="+14255550150", count=None))
    assert book.take([_ACK], _DEVICE)
    assert book.take([_ACK], "14255550150:2@s.whatsapp.net")
    assert book.take([_ACK], "14255550151:1@s.whatsapp.net") is None


def test_an_order_for_a_recipient_waits_for_it() -> None:
    book = _book(FaultOrder(_ACK, recipient="+447700900123"))
    assert book.take([_ACK], _DEVICE, ["447700900124"]) is None
    assert book.take([_ACK], _DEVICE, ["447700900124", "447700900123"]) is not None


def test_an_order_can_be_looked_at_without_using_it_up() -> None:
    hole = FaultOrder(FaultKind.BLACK_HOLE, device=_DEVICE)
    book = _book(hole)
    assert book.holds(FaultKind.BLACK_HOLE, _DEVICE)
    assert not book.holds(FaultKind.BLACK_HOLE, "14255550151:1@s.whatsapp.net")
    assert book.standing() == (hole,)
    book.drop(hole)
    assert book.standing() == ()
