"""Certificates of parties: made here once, pinned by every peer.

A party's certificate is self-signed and may sign nothing else, so a peer that pins it trusts
this one key and no authority. Layout of a certificates folder::

    <certs_dir>/<party>.crt   own, handed to every peer
    <certs_dir>/<party>.key   own, stays here, mode 0600
    <certs_dir>/<peer>.crt    each peer's, as its operator handed it over

Keys are EC P-256, which libspu's link accepts for both ends of its TLS.
"""

from __future__ import annotations

import ipaddress
import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from pydantic import TypeAdapter, ValidationError

from secretflow_worker.contract.errors import ConfigError, InputError, OutputNotWritable
from secretflow_worker.contract.names import PartyName

LOOPBACK = ("localhost", "127.0.0.1")


@dataclass(frozen=True)
class Certificate:
    """What a certificates folder holds of one party. Times are UTC."""

    party: str
    path: Path
    subject: str
    """As RFC 4514 writes it."""
    fingerprint: str
    """SHA-256 of the DER form, as ``openssl x509 -fingerprint -sha256`` writes it."""
    not_before: datetime
    not_after: datetime
    hosts: tuple[str, ...]
    has_key: bool
    key_fits: bool
    """False too where there is no key."""
    key_mode: int | None
    """Permission bits of the key file."""

    def days_left(self, now: datetime) -> float:
        return (self.not_after - now) / timedelta(days=1)

    @property
    def key_is_private(self) -> bool:
        return self.key_mode is not None and not self.key_mode & 0o077


def create(
    party: str, folder: Path, hosts: Sequence[str] = (), days: int = 825, replace: bool = False
) -> Certificate:
    """Make a key and its self-signed certificate, valid for loopback and `hosts`.

    Raises:
        ConfigError: `party` or a host is not a valid name, or `days` is not positive.
        OutputNotWritable: the files exist already and `replace` is false, or cannot be written.
    """
    _check_party(party)
    if days < 1:
        raise ConfigError(f"days: a certificate is valid for at least one day, got {days}")
    names = [_host_name(host) for host in dict.fromkeys((*LOOPBACK, *hosts))]
    paths = folder / f"{party}.crt", folder / f"{party}.key"
    for path in paths:
        if path.exists() and not replace:
            raise OutputNotWritable(
                f"{path} exists already",
                hint="Every peer has pinned it: use it, or replace it with --force and hand the "
                "new certificate to every peer.",
            )
    key = ec.generate_private_key(ec.SECP256R1())
    certificate = _self_signed(party, key, names, days)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(paths[1], _key_bytes(key), 0o600)
        _write(paths[0], certificate.public_bytes(serialization.Encoding.PEM), 0o644)
    except OSError as fault:
        raise OutputNotWritable(f"{folder}: {fault.strerror}") from None
    return read(paths[0])


def read(path: Path) -> Certificate:
    """Read one ``<party>.crt`` and what is known of the key beside it.

    Raises:
        InputError: the file is not one PEM certificate.
    """
    try:
        certificate = x509.load_pem_x509_certificate(path.read_bytes())
    except (ValueError, OSError):
        raise InputError(
            f"{path} is not a readable PEM certificate",
            hint="Ask the party's operator for its .crt file again.",
        ) from None
    key_path = path.with_suffix(".key")
    has_key = key_path.is_file()
    return Certificate(
        party=path.stem,
        path=path,
        subject=certificate.subject.rfc4514_string(),
        fingerprint=certificate.fingerprint(hashes.SHA256()).hex(":").upper(),
        not_before=certificate.not_valid_before_utc,
        not_after=certificate.not_valid_after_utc,
        hosts=_hosts_of(certificate),
        has_key=has_key,
        key_fits=has_key and _fits(key_path, certificate),
        key_mode=stat.S_IMODE(key_path.stat().st_mode) if has_key else None,
    )


def read_all(folder: Path) -> list[Certificate]:
    """Read every certificate of a folder, by party.

    Raises:
        InputError: the folder does not exist, or a file in it is not a certificate.
    """
    if not folder.is_dir():
        raise InputError(
            f"{folder} is not a folder",
            hint=f"Make one: sfw certs init --party NAME --dir {folder}",
        )
    return [read(path) for path in sorted(folder.glob("*.crt"))]


def _check_party(party: str) -> None:
    try:
        TypeAdapter(PartyName).validate_python(party)
    except ValidationError:
        raise ConfigError(
            f"party: {party[:64]!r} is not a party name",
            hint="Use letters, digits, '_' and '-', 64 at most, the first a letter or digit.",
        ) from None


def _host_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        pass
    if not host or not host.isascii() or any(sign in host for sign in " :/@,"):
        raise ConfigError(
            f"host: {host[:64]!r} is not a host name or an IP address",
            hint="Give the name or address alone, without a port or scheme.",
        )
    return x509.DNSName(host)


def _self_signed(
    party: str, key: ec.EllipticCurvePrivateKey, hosts: Sequence[x509.GeneralName], days: int
) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, party)])
    now = datetime.now(timezone.utc)
    usage = x509.KeyUsage(
        digital_signature=True, content_commitment=False, key_encipherment=False,
        data_encipherment=False, key_agreement=False, key_cert_sign=False, crl_sign=False,
        encipher_only=False, decipher_only=False,
    )  # fmt: skip
    both_ends = [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        # Peers' clocks may be a little behind ours.
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName(hosts), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(usage, critical=True)
        .add_extension(x509.ExtendedKeyUsage(both_ends), critical=False)
        .sign(key, hashes.SHA256())
    )


def _key_bytes(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write beside and rename, with the mode set before the content is there."""
    beside = path.with_name(f".{path.name}.new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        os.fchmod(handle, mode)
        file.write(content)
    beside.replace(path)


def _hosts_of(certificate: x509.Certificate) -> tuple[str, ...]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return ()
    return tuple(str(name.value) for name in names)


def _fits(key_path: Path, certificate: x509.Certificate) -> bool:
    spki = serialization.PublicFormat.SubjectPublicKeyInfo
    try:
        key = serialization.load_pem_private_key(key_path.read_bytes(), password=None)
    except (ValueError, TypeError, OSError):
        return False
    return key.public_key().public_bytes(
        serialization.Encoding.DER, spki
    ) == certificate.public_key().public_bytes(serialization.Encoding.DER, spki)
