"""What callers prove themselves with: passwords, and random secrets kept as digests."""

from __future__ import annotations

import hashlib
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerifyMismatchError

from secretflow_worker.orchestrator.errors import Fault, Invalid

MIN_PASSWORD = 12
MAX_PASSWORD = 256
# A hash takes 64 MiB and a core: a flood of sign-ins must not take them all.
_AT_A_TIME = threading.BoundedSemaphore(2)
_HASHER = PasswordHasher()


def new_secret(prefix: str) -> str:
    """Return 256 random bits as text that says what it is for."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest_of(secret: str) -> str:
    """Return what is kept of a secret of 256 random bits.

    It is looked up by this digest, so the time it takes tells nothing about the secret.
    """
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def hash_password(password: str) -> str:
    """Return the argon2id hash of a new password.

    Raises:
        Invalid: it is too short or too long.
    """
    if not MIN_PASSWORD <= len(password) <= MAX_PASSWORD:
        text = f"a password has {MIN_PASSWORD} to {MAX_PASSWORD} characters"
        raise Invalid(text, faults=[Fault("password", text)])
    with _AT_A_TIME:
        return _HASHER.hash(password.encode("utf-8", "surrogatepass"))


def is_password(stored: str | None, password: str) -> bool:
    """Return whether the password is right; as slow where there is none, or no such user."""
    with _AT_A_TIME:
        try:
            given = password[:MAX_PASSWORD].encode("utf-8", "surrogatepass")
            _HASHER.verify(stored or _nobody(), given)
        except (VerifyMismatchError, InvalidHashError):
            return False
    return stored is not None


_NOBODY: list[str] = []


def _nobody() -> str:
    if not _NOBODY:
        _NOBODY.append(_HASHER.hash(secrets.token_bytes(32)))
    return _NOBODY[0]
