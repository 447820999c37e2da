"""The words of the control interface besides faults and the inbox's; both ends import them."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum, unique

from waheal.sandbox.json_fields import Fields, Row


def authorization(token: str) -> str:
    """Give the `Authorization` header that shows the token."""
    return f"Bearer {token}"


@unique
class Action(StrEnum):
    """What can be done to a linked device at once."""

    DROP = "drop"
    STREAM_ERROR = "stream-error"
    REPLACED = "replaced"
    LOGOUT = "logout"


@dataclass(frozen=True, slots=True)
class LinkedDevice:
    """A linked device, and what it did since the server started."""

    jid: str
    lid: str
    number: str  # "+E164"
    online: bool
    connects: int  # handshakes that named it, refused ones too
    logins: int

    def to_row(self) -> Row:
        """Write a JSON object."""
        return {
            "jid": self.jid,
            "lid": self.lid,
            "number": self.number,
            "online": self.online,
            "connects": self.connects,
            "logins": self.logins,
        }

    @classmethod
    def from_fields(cls, fields: Fields) -> "LinkedDevice":
        """Read `to_row` back.

        Raises:
            FieldError: a field is missing or of another type.
        """
        return cls(
            jid=fields.text("jid"),
            lid=fields.text("lid"),
            number=fields.text("number"),
            online=fields.flag("online"),
            connects=fields.integer("connects"),
            logins=fields.integer("logins"),
        )


def _counts(fields: Fields) -> Mapping[str, int]:
    return {kind: fields.integer(kind) for kind in fields.row}


@dataclass(frozen=True, slots=True)
class Stats:
    """What clients sent since the server started, by kind: `message`, `iq:usync`, `login`."""

    total: Mapping[str, int]
    devices: Mapping[str, Mapping[str, int]]  # by JID

    @classmethod
    def from_fields(cls, fields: Fields) -> "Stats":
        """Read an answer.

        Raises:
            FieldError: a field is missing or of another type.
        """
        devices = fields.inner("devices")
        return cls(
            total=_counts(fields.inner("total")),
            devices={jid: _counts(devices.inner(jid)) for jid in devices.row},
        )


@dataclass(frozen=True, slots=True)
class PreKeyPair:
    """A row of `whatsmeow_pre_keys`: the private key in hex digits, to be stored as uploaded."""

    key_id: int
    key: str


@dataclass(frozen=True, slots=True)
class ProvisionedDevice:
    """A device that the server knows already; fields are named after whatsmeow's columns.

    Bytes are hex digits. `identity` belongs into `whatsmeow_identity_keys` (our_jid = jid,
    their_id = identity_id, identity), (lid_user, pn_user) into `whatsmeow_lid_map` (lid, pn), and
    `salt` into `whatsmeow_nct_salt` (our_jid = jid, salt).
    """

    jid: str
    lid: str
    registration_id: int
    noise_key: str
    identity_key: str
    signed_pre_key: str
    signed_pre_key_id: int
    signed_pre_key_sig: str
    adv_key: str
    adv_details: str
    adv_account_sig: str
    adv_account_sig_key: str
    adv_device_sig: str
    platform: str
    identity_id: str
    identity: str
    lid_user: str
    pn_user: str
    salt: str
    pre_keys: tuple[PreKeyPair, ...]

    def to_row(self) -> Row:
        """Write a JSON object."""
        row: dict[str, str | int] = {
            name: getattr(self, name) for name in self.__slots__ if name != "pre_keys"
        }
        keys: list[Row] = [{"key_id": key.key_id, "key": key.key} for key in self.pre_keys]
        return {**row, "pre_keys": keys}

    @classmethod
    def from_fields(cls, fields: Fields) -> "ProvisionedDevice":
        """Read `to_row` back.

        Raises:
            FieldError: a field is missing or of another type.
        """
        return cls(
            jid=fields.text("jid"),
            lid=fields.text("lid"),
            registration_id=fields.integer("registration_id"),
            noise_key=fields.text("noise_key"),
            identity_key=fields.text("identity_key"),
            signed_pre_key=fields.text("signed_pre_key"),
            signed_pre_key_id=fields.integer("signed_pre_key_id"),
            signed_pre_key_sig=fields.text("signed_pre_key_sig"),
            adv_key=fields.text("adv_key"),
            adv_details=fields.text("adv_details"),
            adv_account_sig=fields.text("adv_account_sig"),
            adv_account_sig_key=fields.text("adv_account_sig_key"),
            adv_device_sig=fields.text("adv_device_sig"),
            platform=fields.text("platform"),
            identity_id=fields.text("identity_id"),
            identity=fields.text("identity"),
            lid_user=fields.text("lid_user"),
            pn_user=fields.text("pn_user"),
            salt=fields.text("salt"),
            pre_keys=tuple(
                PreKeyPair(row.integer("key_id"), row.text("key"))
                for row in fields.rows("pre_keys")
            ),
        )
