"""WhatsApp's protobuf messages, from neonize's folder without its Go; knows not what they mean.

Type checkers see neonize's own declarations; at run time each module is loaded by its top-level
name, as neonize's modules know each other, and ``neonize`` itself is neither run nor stubbed.
"""

from typing import TYPE_CHECKING

from waheal.sandbox.stubs import import_from_folder_in

if TYPE_CHECKING:
    from neonize.proto.waAdv.WAAdv_pb2 import (
        ADVDeviceIdentity,
        ADVKeyIndexList,
        ADVSignedDeviceIdentity,
        ADVSignedDeviceIdentityHMAC,
        ADVSignedKeyIndexList,
    )
    from neonize.proto.waCert.WACert_pb2 import CertChain
    from neonize.proto.waE2E.WAWebProtobufsE2E_pb2 import Message
    from neonize.proto.waHistorySync.WAWebProtobufsHistorySync_pb2 import HistorySync
    from neonize.proto.waWa6.WAWebProtobufsWa6_pb2 import ClientPayload, HandshakeMessage
else:
    _adv = import_from_folder_in("neonize", "proto", "waAdv.WAAdv_pb2")
    ADVDeviceIdentity = _adv.ADVDeviceIdentity
    ADVKeyIndexList = _adv.ADVKeyIndexList
    ADVSignedDeviceIdentity = _adv.ADVSignedDeviceIdentity
    ADVSignedDeviceIdentityHMAC = _adv.ADVSignedDeviceIdentityHMAC
    ADVSignedKeyIndexList = _adv.ADVSignedKeyIndexList
    CertChain = import_from_folder_in("neonize", "proto", "waCert.WACert_pb2").CertChain
    HistorySync = import_from_folder_in(
        "neonize", "proto", "waHistorySync.WAWebProtobufsHistorySync_pb2"
    ).HistorySync
    Message = import_from_folder_in("neonize", "proto", "waE2E.WAWebProtobufsE2E_pb2").Message
    _wa6 = import_from_folder_in("neonize", "proto", "waWa6.WAWebProtobufsWa6_pb2")
    ClientPayload = _wa6.ClientPayload
    HandshakeMessage = _wa6.HandshakeMessage

__all__ = [
    "ADVDeviceIdentity",
    "ADVKeyIndexList",
    "ADVSignedDeviceIdentity",
    "ADVSignedDeviceIdentityHMAC",
    "ADVSignedKeyIndexList",
    "CertChain",
    "ClientPayload",
    "HandshakeMessage",
    "HistorySync",
    "Message",
]
