"""Accounts with their phones, and the devices linked to them; knows no sessions."""

from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from waheal.sandbox.codec import Jid, Node
from waheal.sandbox.journal import Journal
from waheal.sandbox.json_fields import Fields, Json, Row
from waheal.sandbox.numbering import fictional_numbers, lid_of, number_of
from waheal.sandbox.phone import Phone
from waheal.sandbox.prekeys import KeyStock, PublicPreKey, bundle_content
from waheal.sandbox.stanzas import LIDS, USERS

ACCOUNTS, DEVICES, STOCKS = "account/", "device/", "stock/"


class NumbersUsedUpError(Exception):
    """No number set aside for fiction is left."""


@dataclass(slots=True)
class PhoneAccount:
    """A number, its phone and how many devices were ever linked to it."""

    number: str  # E.164 digits
    phone: Phone
    linked: int = 0

    @property
    def lid(self) -> Jid:
        """The account's LID, without a device."""
        return Jid(lid_of(self.number), LIDS)

    @property
    def jid(self) -> Jid:
        """The account's phone number JID, without a device."""
        return Jid(self.number, USERS)

    def phone_bundle(self) -> tuple[Node, ...]:
        """Tell what others need to write to the phone, each time with another one-time key."""
        bundle = self.phone.bundle()
        return bundle_content(
            bundle.registration_id, bundle.identity, bundle.signed, bundle.one_time
        )


@dataclass(slots=True, eq=False)
class Companion:
    """A linked device: its addresses, the key that logs it in, and the keys it uploaded."""

    jid: Jid
    lid: Jid
    noise_key: bytes
    stock: KeyStock


@dataclass(slots=True)
class Registry:
    """Every account and device, written through to the journal."""

    journal: Journal
    _accounts: dict[str, PhoneAccount] = field(default_factory=dict)
    _companions: dict[str, dict[int, Companion]] = field(default_factory=dict)

    def load(self, records: Mapping[str, Row]) -> None:
        """Take up what an earlier run left.

        Raises:
            FieldError: a record can't be read.
        """
        for key, row in records.items():
            if key.startswith(ACCOUNTS):
                account = _read_account(key.removeprefix(ACCOUNTS), Fields(row))
                self._accounts[account.number] = account
        for key, row in records.items():
            if key.startswith(DEVICES):
                address = key.removeprefix(DEVICES)
                stock = Fields(records.get(f"{STOCKS}{address}", {}))
                self._seat(_read_companion(Jid.parse(address), Fields(row), stock))

    def records(self) -> Iterator[tuple[str, Row]]:
        """Everything known, for a journal."""
        for account in self._accounts.values():
            yield f"{ACCOUNTS}{account.number}", _account_row(account)
        for companion in self.companions():
            yield f"{DEVICES}{companion.jid}", _companion_row(companion)
            yield f"{STOCKS}{companion.jid}", _stock_row(companion.stock)

    def account(self, number: str) -> PhoneAccount:
        """Find the number's account; its phone is made on first contact."""
        account = self._accounts.get(number)
        if account is None:
            account = PhoneAccount(number, Phone.create())
            self._accounts[number] = account
            self.save_account(account)
        return account

    def spare_numbers(self, count: int) -> list[str]:
        """Find so many numbers set aside for fiction that have no account yet.

        Raises:
            NumbersUsedUpError: there are fewer.
        """
        spare = [number for number in fictional_numbers() if number not in self._accounts]
        if count > len(spare):
            raise NumbersUsedUpError(
                f"of the numbers set aside for fiction, {len(spare):,} are not in use"
            )
        return spare[: max(0, count)]

    def number_behind(self, jid: Jid) -> str | None:
        """Tell the number that a JID or a LID belongs to, if it can belong to any."""
        try:
            return number_of(jid.user) if jid.server == LIDS else str(int(jid.user))
        except ValueError:
            return None

    def companion(self, number: str, device: int) -> Companion | None:
        """One linked device."""
        return self._companions.get(number, {}).get(device)

    def companions_of(self, number: str) -> tuple[Companion, ...]:
        """Tell the number's linked devices, oldest first."""
        return tuple(self._companions.get(number, {}).values())

    def companions(self) -> Iterator[Companion]:
        """Every linked device."""
        for companions in self._companions.values():
            yield from companions.values()

    def add(self, companion: Companion) -> None:
        """Remember a newly linked device."""
        self._seat(companion)
        self.journal.put(f"{DEVICES}{companion.jid}", _companion_row(companion))
        self.save_stock(companion)

    def remove(self, companion: Companion) -> None:
        """Forget a device that was unlinked."""
        companions = self._companions.get(companion.jid.user, {})
        if companions.pop(companion.jid.device, None) is not None:
            self.journal.put(f"{DEVICES}{companion.jid}", None)
            self.journal.put(f"{STOCKS}{companion.jid}", None)

    def save_account(self, account: PhoneAccount) -> None:
        """Write down what changed in the account or its phone."""
        self.journal.put(f"{ACCOUNTS}{account.number}", _account_row(account))

    def save_stock(self, companion: Companion) -> None:
        """Write down the device's uploaded keys."""
        if self.companion(companion.jid.user, companion.jid.device) is companion:
            self.journal.put(f"{STOCKS}{companion.jid}", _stock_row(companion.stock))

    def _seat(self, companion: Companion) -> None:
        self._companions.setdefault(companion.jid.user, {})[companion.jid.device] = companion


def _account_row(account: PhoneAccount) -> Row:
    return {"linked": account.linked, "phone": account.phone.to_state()}


def _read_account(number: str, fields: Fields) -> PhoneAccount:
    return PhoneAccount(
        number, Phone.from_state(fields.inner("phone").row), fields.integer("linked")
    )


def _companion_row(companion: Companion) -> Row:
    stock = companion.stock
    return {
        "lid": str(companion.lid),
        "noise_key": companion.noise_key.hex(),
        "registration_id": stock.registration_id,
        "identity": stock.identity.hex(),
    }


def _read_companion(jid: Jid, fields: Fields, stock: Fields) -> Companion:
    keys = KeyStock(
        registration_id=fields.integer("registration_id"),
        identity=fields.raw("identity"),
        signed=_read_key(stock.inner("signed")),
        one_time=deque(_read_key(row) for row in stock.rows("one_time")),
    )
    return Companion(jid, Jid.parse(fields.text("lid")), fields.raw("noise_key"), keys)


def _stock_row(stock: KeyStock) -> Row:
    return {
        "signed": _key_row(stock.signed),
        "one_time": [_key_row(key) for key in stock.one_time],
    }


def _key_row(key: PublicPreKey) -> dict[str, Json]:
    row: dict[str, Json] = {"id": key.key_id, "public": key.public.hex()}
    if key.signature:
        row["signature"] = key.signature.hex()
    return row


def _read_key(fields: Fields) -> PublicPreKey:
    signature = fields.raw("signature") if "signature" in fields.row else b""
    return PublicPreKey(fields.integer("id"), fields.raw("public"), signature)
