"""``sfw doctor``: what it finds, each with how to mend it."""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Sfw, Up

NO_REDIS = "redis://127.0.0.1:1/0"


def examined(sfw: Sfw, *arguments: str | Path) -> tuple[int, dict[str, dict[str, Any]]]:
    """Return the exit code and the checks by name."""
    done = sfw("doctor", "--json", *arguments)
    document = json.loads(done.stdout)
    assert document["ok"] == (done.returncode == 0)
    return done.returncode, {check["name"]: check for check in document["checks"]}


def test_all_is_well_where_all_is_well(sfw: Sfw, up: Up, tmp_path: Path) -> None:
    code, checks = examined(sfw, "--redis-url", up.redis_url, "--data-root", tmp_path)

    assert code == 0, checks
    for name in ("python", "wheels", "libspu", "cpu", "data root", "redis", "clock", "ports"):
        assert checks[name]["status"] in {"ok", "warn"}
    assert "spu 0.9.4" in checks["wheels"]["detail"]
    assert checks["redis"]["status"] == "ok"
    assert up.password not in json.dumps(checks)


def test_every_fault_has_its_mend(sfw: Sfw, tmp_path: Path) -> None:
    code, checks = examined(
        sfw, "--redis-url", NO_REDIS, "--data-root", tmp_path / "nowhere",
        "--certs-dir", tmp_path / "nowhere",
    )  # fmt: skip

    assert code == 1
    failed = {name: check["mend"] for name, check in checks.items() if check["status"] == "fail"}
    assert set(failed) == {"data root", "redis", "certificates"}
    assert all(failed.values())


def test_the_text_says_the_same(sfw: Sfw, tmp_path: Path) -> None:
    done = sfw("doctor", "--redis-url", NO_REDIS, "--data-root", tmp_path)

    assert done.returncode == 1
    assert "ok    python" in done.stdout
    assert "fail  redis" in done.stdout
    assert "mend: start one with `sfw up`" in done.stdout


def test_peers_that_listen_that_refuse_and_that_do_not_exist(sfw: Sfw, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        _, checks = examined(
            sfw, "--redis-url", NO_REDIS, "--data-root", tmp_path,
            "--peer", f"bob=127.0.0.1:{server.getsockname()[1]}",
            "--peer", "carol=127.0.0.1:1",
            "--peer", "dave=no-such-host.invalid:20000",
        )  # fmt: skip

    assert "accepts connections" in checks["peer bob"]["detail"]
    assert "the host answers" in checks["peer carol"]["detail"]
    assert checks["peer dave"]["status"] == "fail"


@pytest.fixture
def certs_dir(sfw: Sfw, tmp_path: Path) -> Path:
    for party in ("bank", "retailer"):
        sfw("certs", "init", "--party", party, "--dir", tmp_path / "certs")
    (tmp_path / "certs" / "retailer.key").unlink()
    return tmp_path / "certs"


def certificates(sfw: Sfw, folder: Path) -> dict[str, dict[str, Any]]:
    _, checks = examined(sfw, "--redis-url", NO_REDIS, "--certs-dir", folder, "--party", "bank")
    return checks


def test_certificates_that_fit_are_well(sfw: Sfw, certs_dir: Path) -> None:
    checks = certificates(sfw, certs_dir)

    assert checks["certificate bank"]["status"] == "ok"
    assert checks["certificate retailer"]["status"] == "ok"
    assert "certificates" not in checks


def test_a_key_that_others_can_read_fails(sfw: Sfw, certs_dir: Path) -> None:
    (certs_dir / "bank.key").chmod(0o640)

    check = certificates(sfw, certs_dir)["certificate bank"]

    assert check["status"] == "fail"
    assert check["mend"] == f"chmod 600 {certs_dir / 'bank.key'}"


def test_a_certificate_that_ends_soon_warns(sfw: Sfw, certs_dir: Path) -> None:
    sfw("certs", "init", "--party", "bank", "--dir", certs_dir, "--days", "3", "--force")

    check = certificates(sfw, certs_dir)["certificate bank"]

    assert check["status"] == "warn"
    assert "--force" in check["mend"]


def test_a_folder_without_the_own_key_fails(sfw: Sfw, certs_dir: Path) -> None:
    (certs_dir / "bank.key").unlink()

    assert "has no certificate with a key of bank" in certificates(sfw, certs_dir)[
        "certificates"
    ]["detail"]  # fmt: skip


def test_a_wrong_peer_is_a_usage_error(sfw: Sfw) -> None:
    done = sfw("doctor", "--peer", "bob")

    assert done.returncode == 2
    assert "NAME=HOST:PORT" in done.stderr
