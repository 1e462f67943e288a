#!/usr/bin/env python3
"""Makes the sector with a gateway's secrets: python3 gateway_secrets.py secrets.bin [--tls-key board.key]

Asks for Username(553) and Password(554), and draws a key for lines over UDP into gateway.key beside it. Write the file to
the sector that your board reads (`probe-rs download --binary-format bin --base-address 0x.. secrets.bin`), then delete it.
board.key is the key of the board's certificate, ECDSA over P-256, in PEM: `openssl ecparam -name prime256v1 -genkey -noout`.
"""

import base64
import getpass
import os
import sys

from gateway_client import crc


# The curve (RFC 5480, 2.1.1.1), how many numbers it has, and how an ECPrivateKey (RFC 5915) with one of 32 bytes begins.
P256 = bytes.fromhex("06082a8648ce3d030107")
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
HEAD = bytes.fromhex("0201010420")
BEGIN, END = "-----BEGIN ", "-----END "


def tls_key(pem: str) -> bytes:
    """The number of a private key in PEM, SEC1 or PKCS#8. ValueError if the board cannot sign with it."""
    if "ENCRYPTED" in pem:
        raise ValueError("the key is encrypted: openssl pkey -in FILE -out board.key")
    for block in pem.split(BEGIN)[1:]:
        head, _, rest = block.partition("-----")
        if head not in ("EC PRIVATE KEY", "PRIVATE KEY"):
            continue
        der = base64.b64decode("".join(rest.partition(END)[0].split()), validate=True)
        at = der.find(HEAD) + len(HEAD)
        number = der[at : at + 32]
        if P256 in der and at >= len(HEAD) and len(number) == 32 and 0 < int.from_bytes(number, "big") < ORDER:
            return number
        raise ValueError("the key is not one of ECDSA over P-256: openssl ecparam -name prime256v1 -genkey -noout")
    raise ValueError("no private key in PEM (SEC1 or PKCS#8) is in the file")


def sector(username: str, password: str, key: bytes = b"", tls: bytes = b"") -> bytes:
    data = b"FIXS\x01"
    for kind, value in ((1, username.encode()), (2, password.encode()), (3, key), (4, tls)):
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
    if len(sys.argv) not in (2, 4) or sys.argv[2:3] not in ([], ["--tls-key"]):
        sys.exit("usage: gateway_secrets.py secrets.bin [--tls-key board.key]")
    try:
        tls = b""
        if len(sys.argv) == 4:
            with open(sys.argv[3], encoding="latin-1") as file:
                tls = tls_key(file.read())
        username = input("Username(553), empty for none: ")
        password = getpass.getpass("Password(554), empty for none: ")
        key = os.urandom(32)
        write(sys.argv[1], sector(username, password, key, tls))
        write(os.path.join(os.path.dirname(sys.argv[1]), "gateway.key"), key)
    except (OSError, ValueError) as error:
        sys.exit(str(error))
