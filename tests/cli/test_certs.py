"""Certificates: what ``sfw certs`` makes, shows and refuses."""

import json
import ssl
import stat
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Sfw, error_line


@pytest.fixture
def bank(sfw: Sfw, tmp_path: Path) -> Path:
    done = sfw(
        "certs", "init", "--party", "bank", "--dir", tmp_path / "certs", "--host", "b.example"
    )
    assert done.returncode == 0, done.stderr
    return tmp_path / "certs"


def shown(sfw: Sfw, folder: Path) -> list[dict[str, Any]]:
    done = sfw("certs", "show", "--dir", folder, "--json")
    assert done.returncode == 0, done.stderr
    listed: list[dict[str, Any]] = json.loads(done.stdout)
    return listed


def test_init_makes_a_private_key_and_a_certificate_that_openssl_reads(bank: Path) -> None:
    assert stat.S_IMODE((bank / "bank.key").stat().st_mode) == 0o600
    assert "BEGIN PRIVATE KEY" in (bank / "bank.key").read_text()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(bank / "bank.crt", bank / "bank.key")
    context.load_verify_locations(bank / "bank.crt")


def test_show_gives_fingerprint_expiry_and_hosts(sfw: Sfw, bank: Path) -> None:
    [certificate] = shown(sfw, bank)
    der = ssl.PEM_cert_to_DER_cert((bank / "bank.crt").read_text())
    digest = subprocess.run(["sha256sum"], input=der, capture_output=True, check=True).stdout

    assert certificate["fingerprint"].replace(":", "").lower() == digest.split()[0].decode()
    assert certificate["hosts"] == ["localhost", "127.0.0.1", "b.example"]
    assert certificate["role"] == "own"
    assert 820 < certificate["days_left"] <= 825
    assert certificate["key"] == "fits the certificate, mode 0600"


def test_show_tells_a_peer_from_the_own_party(sfw: Sfw, bank: Path, tmp_path: Path) -> None:
    sfw("certs", "init", "--party", "retailer", "--dir", tmp_path / "theirs")
    (bank / "retailer.crt").write_bytes((tmp_path / "theirs" / "retailer.crt").read_bytes())

    roles = {each["party"]: each["role"] for each in shown(sfw, bank)}

    assert roles == {"bank": "own", "retailer": "pinned peer"}


def test_show_sees_a_key_of_another_certificate_and_open_permissions(
    sfw: Sfw, bank: Path, tmp_path: Path
) -> None:
    sfw("certs", "init", "--party", "bank", "--dir", tmp_path / "other")
    (bank / "bank.key").write_bytes((tmp_path / "other" / "bank.key").read_bytes())
    (bank / "bank.key").chmod(0o644)

    [certificate] = shown(sfw, bank)

    assert certificate["key"].startswith("does not fit")
    assert certificate["key"].endswith("others can read it")


def test_init_never_replaces_without_being_told(sfw: Sfw, bank: Path) -> None:
    before = (bank / "bank.crt").read_bytes()

    refused = sfw("certs", "init", "--party", "bank", "--dir", bank)

    assert "exists already" in error_line(refused)
    assert (bank / "bank.crt").read_bytes() == before
    assert sfw("certs", "init", "--party", "bank", "--dir", bank, "--force").returncode == 0
    assert (bank / "bank.crt").read_bytes() != before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--party", "../bank"], "is not a party name"),
        (["--party", "bank", "--host", "http://b.example"], "is not a host name"),
        (["--party", "bank", "--days", "0"], "at least one day"),
    ],
)
def test_init_refuses_wrong_words(
    sfw: Sfw, tmp_path: Path, arguments: list[str], says: str
) -> None:
    done = sfw("certs", "init", "--dir", tmp_path / "certs", *arguments)

    assert says in error_line(done)
    assert not list(tmp_path.rglob("*.key"))


def test_show_refuses_what_is_no_certificate(sfw: Sfw, bank: Path) -> None:
    (bank / "peer.crt").write_text("hello")

    assert "peer.crt is not a readable PEM certificate" in error_line(
        sfw("certs", "show", "--dir", bank)
    )
