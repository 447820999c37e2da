from tests.sandbox.worlds import Stage
from waheal.sandbox.control_words import ProvisionedDevice
from waheal.sandbox.curve import KeyPair, verify
from waheal.sandbox.greeting import Login
from waheal.sandbox.json_fields import Fields
from waheal.sandbox.prekeys import KEY_TYPE
from waheal.sandbox.provision import provision

_NOW = 1_800_000_000.0


def _raw(digits: str) -> bytes:
    return bytes.fromhex(digits)


def _public(private: str) -> bytes:
    return KeyPair.from_private(_raw(private)).public


def test_a_provisioned_device_can_log_in(stage: Stage) -> None:
    for made in provision(stage.world.registry, 3, _NOW):
        login = Login(_public(made.noise_key), made.pn_user, 1)
        told = stage.told(stage.world.opened(login))
        assert told[0].tag == "success"
        assert str(told[0].jid("lid")) == made.lid


def test_both_signatures_hold(stage: Stage) -> None:
    (made,) = provision(stage.world.registry, 1, _NOW)
    details, identity = _raw(made.adv_details), _public(made.identity_key)
    account = _raw(made.adv_account_sig_key)
    assert verify(account, b"\x06\x00" + details + identity, _raw(made.adv_account_sig))
    assert verify(identity, b"\x06\x01" + details + identity + account, _raw(made.adv_device_sig))
    signed = KEY_TYPE + _public(made.signed_pre_key)
    assert verify(identity, signed, _raw(made.signed_pre_key_sig))


def test_the_server_holds_the_prekeys_that_the_client_gets(stage: Stage) -> None:
    (made,) = provision(stage.world.registry, 1, _NOW)
    (companion,) = stage.world.find(made.jid)
    assert [(key.key_id, key.public) for key in companion.stock.one_time] == [
        (key.key_id, _public(key.key)) for key in made.pre_keys
    ]
    assert len(made.pre_keys) >= 5


def test_what_is_told_can_be_read_back(stage: Stage) -> None:
    (made,) = provision(stage.world.registry, 1, _NOW)
    assert ProvisionedDevice.from_fields(Fields(made.to_row())) == made
