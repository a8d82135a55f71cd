"""Key pairs in the files' formats: real ones where they cost nothing.

Of RSA keys only layout and lengths are right, since to find primes would take a tenth of a second.
"""

from __future__ import annotations

import base64
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519, x25519

from analyzer.sandbox import person

_COMMENT: Final = f"{person.USER}@{person.HOST_NAME}".encode()
_SSH_LINE, _PEM_LINE = 70, 64
_RSA_BITS: Final = 3072
_EXPONENT: Final = 65537
_P256_HEADER: Final = bytes.fromhex("308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420")
_P256_PUBLIC: Final = bytes.fromhex("a144034200")
_RSA_ALGORITHM: Final = bytes.fromhex("300d06092a864886f70d0101010500")


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key as its file has it between the two marked lines, and the public one as a line of its own.

    `proof` is a line out of the secret part.
    """

    private: str
    proof: str
    public: str = ""


def openssh_ed25519() -> KeyPair:
    """An ed25519 pair in OpenSSH's format (openssh PROTOCOL.key), without a passphrase."""
    pair = ed25519_bytes()
    public = _field(pair[32:])
    return _openssh(b"ssh-ed25519", _field(b"ssh-ed25519") + public, public + _field(pair))


def ed25519_bytes() -> bytes:
    """The private and the public key of an ed25519 pair, 32 bytes each."""
    key = ed25519.Ed25519PrivateKey.generate()
    return key.private_bytes_raw() + key.public_key().public_bytes_raw()


def openssh_ecdsa() -> KeyPair:
    """A pair on the curve P-256 in OpenSSH's format."""
    point, scalar = _p256()
    curve = _field(b"nistp256") + _field(point)
    name = b"ecdsa-sha2-nistp256"
    return _openssh(name, _field(name) + curve, curve + _integer(scalar))


def openssh_rsa() -> KeyPair:
    """An RSA pair of 3072 bits in OpenSSH's format."""
    n, d, p, q = _rsa(_RSA_BITS)
    blob = _field(b"ssh-rsa") + _integer(_EXPONENT) + _integer(n)
    private = (n, _EXPONENT, d, secrets.randbits(_RSA_BITS // 2 - 1), p, q)
    return _openssh(b"ssh-rsa", blob, b"".join(map(_integer, private)))


def pem_ecdsa() -> KeyPair:
    """A key on the curve P-256 in PKCS #8 (RFC 5208, RFC 5915)."""
    point, scalar = _p256()
    return _pem(_P256_HEADER + scalar.to_bytes(32, "big") + _P256_PUBLIC + point)


def pem_rsa() -> KeyPair:
    """An RSA key of 2048 bits in PKCS #8 (RFC 5208, RFC 8017)."""
    n, d, p, q = _rsa(2048)
    numbers = (0, n, _EXPONENT, d, p, q, d % (p - 1), d % (q - 1), secrets.randbits(1023))
    key = _der(0x30, b"".join(map(_der_integer, numbers)))
    return _pem(_der(0x30, _der_integer(0) + _RSA_ALGORITHM + _der(0x04, key)))


def wireguard() -> KeyPair:
    """A pair of WireGuard's, both in base 64 (wg(8))."""
    key = x25519.X25519PrivateKey.generate()
    private, public = (
        base64.b64encode(raw).decode() for raw in (key.private_bytes_raw(), key.public_key().public_bytes_raw())
    )
    return KeyPair(private, private, public)


def _p256() -> tuple[bytes, int]:
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    public = numbers.public_numbers
    return b"\x04" + public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big"), numbers.private_value


def _rsa(bits: int) -> tuple[int, int, int, int]:
    """Modulus, private exponent and two factors of the right lengths, which are no primes."""
    half = bits // 2
    p, q = (secrets.randbits(half) | 3 << (half - 2) | 1 for _ in range(2))
    return p * q, secrets.randbits(bits - 2) | 1 << (bits - 3) | 1, p, q


def _openssh(name: bytes, public: bytes, private: bytes) -> KeyPair:
    check = secrets.token_bytes(4)
    secret = check + check + _field(name) + private + _field(_COMMENT)
    secret += bytes(range(1, 1 + -len(secret) % 8))
    head = b"openssh-key-v1\0" + _field(b"none") * 2 + _field(b"") + (1).to_bytes(4, "big") + _field(public)
    lines = _lines(head + _field(secret), _SSH_LINE)
    line = f"{name.decode()} {base64.b64encode(public).decode()} {_COMMENT.decode()}"
    return KeyPair("\n".join(lines), lines[-2], line)


def _pem(data: bytes) -> KeyPair:
    lines = _lines(data, _PEM_LINE)
    return KeyPair("\n".join(lines), lines[1])


def _lines(data: bytes, width: int) -> list[str]:
    text = base64.b64encode(data).decode("ascii")
    return [text[start : start + width] for start in range(0, len(text), width)]


def _field(value: bytes) -> bytes:
    """A text of SSH's (RFC 4251, 5)."""
    return len(value).to_bytes(4, "big") + value


def _integer(value: int) -> bytes:
    """A number of SSH's (RFC 4251, 5): its first bit is its sign."""
    return _field(value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der_integer(value: int) -> bytes:
    return _der(0x02, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _der(tag: int, content: bytes) -> bytes:
    """One value in DER (X.690)."""
    size = len(content)
    length = (
        bytes([size])
        if size < 0x80
        else bytes([0x80 | (size.bit_length() + 7) // 8]) + size.to_bytes((size.bit_length() + 7) // 8, "big")
    )
    return bytes([tag]) + length + content
