"""Mutual TLS of a party: its own certificate, and those of its peers, pinned."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TlsFiles:
    """This party's certificate and key, and each peer's pinned certificate (PEM files)."""

    certificate: Path
    private_key: Path
    pinned: Mapping[str, Path]

    def context(self, *, is_server: bool) -> ssl.SSLContext:
        """Make a context that lets in whoever has a pinned certificate, and nobody else."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if is_server else ssl.PROTOCOL_TLS_CLIENT)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.check_hostname = False  # a pinned certificate is the identity, not a name
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_cert_chain(self.certificate, self.private_key)
        for path in self.pinned.values():
            context.load_verify_locations(path)
        return context

    def is_of(self, connection: ssl.SSLSocket, party: str) -> bool:
        """Say whether it is this very peer that is at the other end."""
        pinned = ssl.PEM_cert_to_DER_cert(self.pinned[party].read_text(encoding="ascii").strip())
        return connection.getpeercert(binary_form=True) == pinned
