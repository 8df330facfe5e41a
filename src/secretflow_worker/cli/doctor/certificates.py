"""Whether the certificates folder holds what mutual TLS needs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path

from secretflow_worker.cli.doctor.check import Check
from secretflow_worker.contract.errors import InputError
from secretflow_worker.engine import certs

_RENEW_DAYS = 30


def check_certificates(folder: Path | None, party: str | None) -> Iterator[Check]:
    """Yield one check per certificate; `party` is the one this worker runs in cluster mode."""
    if folder is None:
        yield Check(
            "certificates", "ok", "no certs_dir: local mode only, or cluster mode in plaintext"
        )
        return
    try:
        found = certs.read_all(folder)
    except InputError as fault:
        yield Check("certificates", "fail", fault.message, fault.hint)
        return
    own = {certificate.party for certificate in found if certificate.has_key}
    if not own or (party is not None and party not in own):
        name = party or "NAME"
        yield Check(
            "certificates", "fail", f"{folder} has no certificate with a key of {name}",
            f"make one: sfw certs init --party {name} --dir {folder}",
        )  # fmt: skip
    if found and not any(not certificate.has_key for certificate in found):
        yield Check("certificates", "warn", f"{folder} pins no peer", "put each peer's .crt there")
    for certificate in found:
        yield _check(certificate)


def _check(certificate: certs.Certificate) -> Check:
    name = f"certificate {certificate.party}"
    now = datetime.now(timezone.utc)
    until = f"valid until {certificate.not_after:%Y-%m-%d}"
    renew = (
        f"sfw certs init --party {certificate.party} --dir {certificate.path.parent} --force, "
        "and hand the new one to every peer"
        if certificate.has_key
        else "ask its operator for a new one"
    )
    if certificate.not_after <= now:
        return Check(name, "fail", f"expired on {certificate.not_after:%Y-%m-%d}", renew)
    if certificate.not_before > now:
        return Check(
            name, "fail", f"valid only from {certificate.not_before:%Y-%m-%d %H:%M} UTC",
            "check the clocks of both machines",
        )  # fmt: skip
    if certificate.has_key and not certificate.key_fits:
        return Check(name, "fail", "its key does not fit it", renew)
    if certificate.has_key and not certificate.key_is_private:
        key = certificate.path.with_suffix(".key")
        return Check(name, "fail", f"others can read {key}", f"chmod 600 {key}")
    if certificate.days_left(now) < _RENEW_DAYS:
        return Check(name, "warn", until, renew)
    return Check(name, "ok", until)
