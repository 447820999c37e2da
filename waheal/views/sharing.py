"""What of a campaign's results may be seen by whom: with numbers masked, or by a client."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import assert_never

from waheal.model import (
    Body,
    Card,
    Content,
    DeviceId,
    LinkPreview,
    Location,
    Media,
    Phone,
    Poll,
    mask,
    mask_label,
    mask_numbers,
)  # fmt: skip
from waheal.reckoning.summing import DeviceLine, Results
from waheal.reckoning.variants import Comparison
from waheal.records import Recipient

_REST_OF_A_NUMBER = re.compile(r"…\d\d")


def masked(results: Results) -> Results:
    """Give the same without anybody's whole number, wherever one may stand."""
    return replace(
        results,
        campaign=mask_label(results.campaign),
        devices=tuple(map(_masked_line, results.devices)),
        failures=tuple((mask_numbers(reason), number) for reason, number in results.failures),
        leftovers=tuple(map(_masked, results.leftovers)),
        comparison=_told(results.comparison, mask_label),
        message=results.message and _message(results.message, mask_numbers),
        votes=_votes(results, mask_numbers),
    )


def for_client(results: Results) -> Results:
    """Give what whoever ordered the campaign may see: no device, and nothing of any number."""
    return replace(
        results,
        campaign=_without(results.campaign),
        devices=(),
        failures=tuple((_without(reason), number) for reason, number in results.failures),
        leftovers=tuple(
            replace(each, phone=Phone(""), device=None, reason=_without(each.reason or ""))
            for each in results.leftovers
        ),
        comparison=_told(results.comparison, _without),
        message=results.message and _message(results.message, _without),
        votes=_votes(results, _without),
    )


def _votes(results: Results, tell: Callable[[str], str]) -> tuple[tuple[str, int], ...]:
    return tuple((tell(option), number) for option, number in results.votes)


def _without(text: str) -> str:
    """Take numbers out, with the two digits that a masked one keeps."""
    return _REST_OF_A_NUMBER.sub("…", mask_numbers(text))


def _masked_line(line: DeviceLine) -> DeviceLine:
    return replace(line, device=DeviceId(mask_label(line.device)))


def _masked(recipient: Recipient) -> Recipient:
    device, reason = recipient.device, recipient.reason
    return replace(
        recipient,
        phone=Phone(mask(recipient.phone)),
        device=None if device is None else DeviceId(mask_label(device)),
        reason=None if reason is None else mask_numbers(reason),
    )


def _told(comparison: Comparison | None, tell: Callable[[str], str]) -> Comparison | None:
    """Give a comparison with its values told otherwise."""
    if comparison is None:
        return None
    variants = (replace(each, value=tell(each.value)) for each in comparison.variants)
    return replace(comparison, variants=tuple(variants))


def _message(message: Content, tell: Callable[[str], str]) -> Content:
    return Content(tell(message.text), _body(message.body, tell))


def _body(body: Body | None, tell: Callable[[str], str]) -> Body | None:
    match body:
        case None:
            return None
        case Media(path):
            return replace(body, path=tell(path))
        case Location(name=name, address=address):
            return replace(body, name=tell(name), address=tell(address))
        case Card(name, phone, organisation, email):
            number = None if phone is None else Phone(tell(phone))
            return Card(tell(name), number, tell(organisation), tell(email))
        case Poll(options):
            return replace(body, options=tuple(map(tell, options)))
        case LinkPreview(url, title, text):
            return LinkPreview(tell(url), tell(title), tell(text))
        case other:
            assert_never(other)
