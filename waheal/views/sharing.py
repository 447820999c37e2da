"""What of a campaign's results may be seen by whom: with numbers masked, or by a client."""

import re
from collections.abc import Callable
from dataclasses import replace

from waheal.model import Content, DeviceId, Phone, mask, mask_label, mask_numbers
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
    )


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
    media = message.media
    told = None if media is None else replace(media, path=tell(media.path))
    return replace(message, text=tell(message.text), media=told)
