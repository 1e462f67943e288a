#!/usr/bin/env python3
"""Makes the sector with a gateway's secrets: python3 gateway_secrets.py secrets.bin

Asks for Username(553) and Password(554), and draws a key for lines over UDP into gateway.key beside it. Write the file to
the sector that your board reads (`probe-rs download --binary-format bin --base-address 0x.. secrets.bin`), then delete it.
"""

import getpass
import os
import sys

from gateway_client import crc


def sector(username: str, password: str, key: bytes = b"") -> bytes:
    data = b"FIXS\x01"
    for kind, value in ((1, username.encode()), (2, password.encode()), (3, key)):
        if len(value) > 128:
            raise ValueError("a secret has at most 128 bytes")
        if value:
            data += bytes((kind, len(value))) + value
    data += b"\0"
    return data + crc(data).to_bytes(2, "big")


def write(path: str, data: bytes) -> None:
    """Only the owner may read it."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(data)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: gateway_secrets.py secrets.bin")
    try:
        username = input("Username(553), empty for none: ")
        password = getpass.getpass("Password(554), empty for none: ")
        key = os.urandom(32)
        write(sys.argv[1], sector(username, password, key))
        write(os.path.join(os.path.dirname(sys.argv[1]), "gateway.key"), key)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
