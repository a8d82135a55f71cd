"""A certificate authority for one run, and certificates for whatever name a client asks for.

Names, serial numbers and dates are those of an ordinary company's authority, different in each run, since malware looks
for the well-known names of intercepting tools. Keys are P-256, which is made in a fraction of a millisecond, and never
touch a disk. The extensions satisfy OpenSSL's strict checks (VERIFY_X509_STRICT, Python 3.13's default).
"""

from __future__ import annotations

import datetime
import ipaddress
import os
import re
import secrets
import ssl
from collections import OrderedDict
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CACHE: Final = 64
"""Names whose certificates are kept ready; the oldest goes first."""

_STEMS: Final = (
    "Ashford",
    "Brennan",
    "Calder",
    "Dunmore",
    "Ellery",
    "Hollis",
    "Kestrel",
    "Larkin",
    "Marlow",
    "Renwick",
)
_TRADES: Final = ("Systems", "Networks", "Logistics", "Insurance", "Engineering", "Holdings", "Energy", "Partners")
_HOST_NAME: Final = re.compile(r"(?=.{1,253}\Z)[A-Za-z0-9_-]{1,63}(?:\.[A-Za-z0-9_-]{1,63})*\.?")


class Authority:
    """Issues server certificates. `certificate` is its own one as PEM."""

    def __init__(self) -> None:
        company = f"{secrets.choice(_STEMS)} {secrets.choice(_TRADES)}"
        self._now = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
        self._key = ec.generate_private_key(ec.SECP256R1())
        self._leaf_key = ec.generate_private_key(ec.SECP256R1())
        self._name = _name(company, f"{company} Root CA G{secrets.choice('123')}")
        self._identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        age = datetime.timedelta(days=400 + secrets.randbelow(700), seconds=secrets.randbelow(86_400))
        builder = self._builder(self._name, self._key, self._now - age, self._now - age + datetime.timedelta(days=3652))
        builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        builder = builder.add_extension(_usage(ca=True), critical=True)
        self.certificate = builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)
        self._contexts: OrderedDict[str, ssl.SSLContext] = OrderedDict()

    def context(self, sni: str, address: str) -> ssl.SSLContext:
        """A server's context for the name that a client asks for, or for the address where it names none."""
        identity = sni.lower() if _HOST_NAME.fullmatch(sni) else address
        context = self._contexts.pop(identity, None)
        if context is None:
            context = self._make_context(identity)
        self._contexts[identity] = context
        if len(self._contexts) > CACHE:
            self._contexts.popitem(last=False)
        return context

    def _make_context(self, identity: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.set_alpn_protocols(["http/1.1"])
        key = self._leaf_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        # OpenSSL reads keys from named files only; an anonymous one in memory has a name under /proc.
        descriptor = os.memfd_create("c", os.MFD_CLOEXEC)
        try:
            os.write(descriptor, self._issue(identity) + key)
            context.load_cert_chain(f"/proc/self/fd/{descriptor}")
        finally:
            os.close(descriptor)
        return context

    def _issue(self, identity: str) -> bytes:
        """A server certificate for a host name or address, as PEM."""
        try:
            alternative: x509.GeneralName = x509.IPAddress(ipaddress.ip_address(identity))
        except ValueError:
            alternative = x509.DNSName(identity.rstrip("."))
        begin = self._now - datetime.timedelta(days=23)
        builder = self._builder(_name("", identity[:64]), self._leaf_key, begin, begin + datetime.timedelta(days=90))
        builder = builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        builder = builder.add_extension(_usage(ca=False), critical=True)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        builder = builder.add_extension(x509.SubjectAlternativeName([alternative]), critical=False)
        builder = builder.add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(self._identifier), critical=False
        )
        return builder.sign(self._key, hashes.SHA256()).public_bytes(Encoding.PEM)

    def _builder(
        self, subject: x509.Name, key: ec.EllipticCurvePrivateKey, begin: datetime.datetime, end: datetime.datetime
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


def _name(organization: str, common: str) -> x509.Name:
    parts = [x509.NameAttribute(NameOID.COMMON_NAME, common)]
    if organization:
        parts.insert(0, x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization))
    return x509.Name(parts)


def _usage(*, ca: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True, key_cert_sign=ca, crl_sign=ca, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, encipher_only=False, decipher_only=False,
    )  # fmt: skip
