"""A server's address on this machine: read out of a URL, and written anew from that; pure."""

import re
from ipaddress import IPv4Address, IPv6Address

_URL = re.compile(r"http://((?P<v4>[0-9.]+)|\[(?P<v6>[0-9A-Fa-f:.]+)\]):(?P<port>[0-9]{1,5})/?")
_PORTS = range(1, 1 << 16)


def loopback_url(url: str) -> str | None:
    """Write the URL of a loopback address and a port anew; None where it is anything else.

    Nothing is taken over as it stands: whoever reads the result can't see more in it than was
    seen here, such as another host behind a NUL. Names are refused: one may resolve to anywhere.
    """
    found = _URL.fullmatch(url)
    if found is None:
        return None
    v4, v6, port = found["v4"], found["v6"], int(found["port"])
    try:
        address = IPv4Address(v4) if v4 else IPv6Address(v6)
    except ValueError:
        return None
    if not address.is_loopback or port not in _PORTS:
        return None
    return f"http://{address}:{port}" if v4 else f"http://[{address}]:{port}"
