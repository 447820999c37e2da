"""Ready-made linked devices in bulk: both sides' keys at once, without a pairing."""

import secrets
from collections import deque

from waheal.sandbox.control_words import PreKeyPair, ProvisionedDevice
from waheal.sandbox.curve import KeyPair, sign
from waheal.sandbox.greeting import Registration
from waheal.sandbox.linking import new_companion, sign_device
from waheal.sandbox.prekeys import KEY_TYPE, PublicPreKey
from waheal.sandbox.registry import PhoneAccount, Registry

#: Fewer than five on either side and the client uploads more at its first login.
PRE_KEYS = 6
_DEVICE_PREFIX = b"\x06\x01"
_MAX_REGISTRATION_ID = 16380


def provision(registry: Registry, count: int, now: float) -> list[ProvisionedDevice]:
    """Link `count` devices, each to a new number; the server knows them from now on.

    Raises:
        NumbersUsedUpError: there are not so many numbers left that are set aside for fiction.
    """
    numbers = registry.spare_numbers(count)
    return [_provision(registry, registry.account(number), now) for number in numbers]


def _provision(registry: Registry, account: PhoneAccount, now: float) -> ProvisionedDevice:
    noise, identity, signed = KeyPair.generate(), KeyPair.generate(), KeyPair.generate()
    signature = sign(identity.private, KEY_TYPE + signed.public)
    one_time = {key_id: KeyPair.generate() for key_id in range(1, PRE_KEYS + 1)}
    registration_id = 1 + secrets.randbelow(_MAX_REGISTRATION_ID)
    account.linked += 1
    registry.save_account(account)
    signed_prekey = PublicPreKey(1, signed.public, signature)
    keys = Registration(noise.public, identity.public, registration_id, signed_prekey)
    companion = new_companion(account, account.linked, keys)
    companion.stock.one_time = deque(
        PublicPreKey(key_id, pair.public) for key_id, pair in one_time.items()
    )
    registry.add(companion)
    linked = sign_device(account, account.linked, identity.public, now)
    proof = _DEVICE_PREFIX + linked.details + identity.public + linked.account_key
    return ProvisionedDevice(
        jid=str(companion.jid),
        lid=str(companion.lid),
        registration_id=registration_id,
        noise_key=noise.private.hex(),
        identity_key=identity.private.hex(),
        signed_pre_key=signed.private.hex(),
        signed_pre_key_id=1,
        signed_pre_key_sig=signature.hex(),
        adv_key=secrets.token_hex(32),
        adv_details=linked.details.hex(),
        adv_account_sig=linked.account_signature.hex(),
        adv_account_sig_key=linked.account_key.hex(),
        adv_device_sig=sign(identity.private, proof).hex(),
        platform="sandbox",
        identity_id=f"{account.lid.user}_1:0",
        identity=linked.account_key.hex(),
        lid_user=account.lid.user,
        pn_user=account.number,
        salt=account.phone.nct_salt.hex(),
        pre_keys=tuple(PreKeyPair(key_id, pair.private.hex()) for key_id, pair in one_time.items()),
    )
