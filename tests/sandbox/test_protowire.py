"""Flat protobufs there and back, and garbage told as such."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from waheal.sandbox.protowire import WireError, read_bytes, read_number, read_wire, write_wire

values = st.one_of(st.integers(0, 2**63), st.binary(max_size=300))


@given(st.dictionaries(st.integers(1, 2000), values, max_size=6))
def test_what_is_written_is_read(fields: dict[int, int | bytes]) -> None:
    assert read_wire(write_wire(fields)) == fields


@given(st.binary(max_size=60))
def test_garbage_gives_fields_or_a_wire_error(data: bytes) -> None:
    try:
        read_wire(data)
    except WireError:
        return


@pytest.mark.parametrize("data", ["08", "0a0161ff", "0a02", "0d00000000", "08" + "ff" * 11])
def test_damaged_bytes_are_told(data: str) -> None:
    with pytest.raises(WireError):
        read_wire(bytes.fromhex(data))


def test_a_field_of_the_other_kind_or_a_missing_one_is_told() -> None:
    fields: dict[int, int | bytes] = {1: 5, 2: b"x"}
    assert (read_number(fields, 1), read_bytes(fields, 2), read_number(fields, 3)) == (5, b"x", 0)
    with pytest.raises(WireError):
        read_number(fields, 2)
    for number in (1, 3):
        with pytest.raises(WireError):
            read_bytes(fields, number)
