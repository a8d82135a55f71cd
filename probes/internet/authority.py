"""A certificate authority for one run, and certificates for whatever name a client asks for.

Names, serial numbers and dates are those of an ordinary company's authority, different in each run, since malware looks
for the well-known names of intercepting tools. Keys are P-256, which is made in a fraction of a millisecond, and never
touch a disk; a client that knows RSA alone gets a certificate with an RSA key, which is made when the first one comes.
The extensions satisfy OpenSSL's strict checks (VERIFY_X509_STRICT, Python 3.13's default).
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import secrets
import ssl
import warnings
from collections import OrderedDict
from functools import cached_property
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from internet.naming import root_names, subject_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable

CACHE: Final = 64
"""Names whose certificates are kept ready; the oldest goes first."""

_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")
_RSA_BITS: Final = 2048
_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"
"""OpenSSL's own, without a lowest strength, which would refuse TLS 1.0 and 1.1 (SSL_CTX_set_security_level(3))."""

_Key = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
_Value = TypeVar("_Value")


class _Kept(Generic[_Value]):
    """The values made last, by key."""

    def __init__(self) -> None:
        self._values: OrderedDict[Hashable, _Value] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], _Value]) -> _Value:
        value = self._values.pop(key) if key in self._values else make()
        self._values[key] = value
        if len(self._values) > CACHE:
            self._values.popitem(last=False)
        return value


class Authority:
    """Issues server certificates.

    `certificate` is its own one as PEM; `file_name` what a system's folder of certificates calls it, without its ending;
    `hash` under which name OpenSSL looks for it there, without the number behind it.
    """

    def __init__(self) -> None:
        company, title = root_names()
        self._now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(company, title)
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        age = datetime.timedelta(days=400 + secrets.randbelow(700), seconds=secrets.randbelow(86_400))
        builder = self._builder(self._name, self._key, self._now - age, self._now - age + datetime.timedelta(days=3652))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(ca=True), critical=True)
        self.certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        self.file_name = title.replace(" ", "_")
        self.hash = subject_hash(self._name)
        self._certificates: _Kept[bytes] = _Kept()
        self._contexts: _Kept[ssl.SSLContext] = _Kept()

    @cached_property
    def _rsa_key(self) -> rsa.RSAPrivateKey:
        return rsa.generate_private_key(65_537, _RSA_BITS)

    def context(
        self, sni: str, address: str, *, name: str = "", chosen: str = "", rsa_only: bool = False
    ) -> ssl.SSLContext:
        """A server's context for the name that a client asks for.

        Where it names none, for the address, and for the `name` by which that was found ("" where none was). `chosen` is
        the application protocol that is agreed on ("" for none); `rsa_only` takes an RSA key.
        """
        names = (_host_name(sni),) if _host_name(sni) else (address, _host_name(name))
        return self._contexts.get((names, chosen, rsa_only), lambda: self._make_context(names, chosen, rsa_only))

    def _make_context(self, names: tuple[str, ...], chosen: str, rsa_only: bool) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", DeprecationWarning)  # an old client is to be heard as well
            context.minimum_version = ssl.TLSVersion.TLSv1
        context.set_ciphers(_CIPHERS)
        if chosen:
            context.set_alpn_protocols([chosen])
        key: _Key = self._rsa_key if rsa_only else self._leaf_key
        certificate = self._certificates.get((names, rsa_only), lambda: self._issue(names, key))
        # OpenSSL reads keys from named files only; an anonymous one in memory has a name under /proc.
        descriptor = os.memfd_create("c", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, certificate + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            context.load_cert_chain(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return context

    def _issue(self, names: tuple[str, ...], key: _Key) -> bytes:
        """A server certificate for host names or addresses, as PEM."""
        begin = self._now - datetime.timedelta(days=23)
        builder = self._builder(_name("", names[0][:64]), key, begin, begin + datetime.timedelta(days=90))
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(ca=False, encipher=isinstance(key, rsa.RSAPrivateKey)), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        alternatives = [one for name in names if name for one in _alternatives(name)]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier), critical=False
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(
        self, subject: x509.Name, key: _Key, begin: datetime.datetime, end: datetime.datetime
    ) -> x509.CertificateBuilder:
        return (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(self._name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(begin)
            .not_valid_after(end)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        )


def _host_name(text: str) -> str:
    """The name in lower case, "" where it is none."""
    return text.lower() if _HOST_NAME.fullmatch(text) else ""


def _alternatives(identity: str) -> list[x509.GeneralName]:
    """What a certificate is good for: an address; or a name, and all names beside it where that is no whole top-level domain."""
    try:
        return [x509.IPAddress(ipaddress.ip_address(identity))]
    except ValueError:
        name = identity.rstrip(".")
    parent = name.partition(".")[2]
    return [x509.DNSName(one) for one in (name, f"*.{parent}" if "." in parent else f"*.{name}") if len(one) < 254]


def _name(organization: str, common: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _usage(*, ca: bool, encipher: bool = False) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=ca, crl_sign=ca, content_commitment=False, key_encipherment=encipher,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
