"""Settings: where each came from, what is wrong with one, and no secret shown."""

from __future__ import annotations

import logging
import ssl
from pathlib import Path

import pytest

from secretflow_worker.broker.address import masked, read_address
from secretflow_worker.broker.logs import ConsoleFormatter, JsonFormatter
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.worker import explain, load_settings
from secretflow_worker.worker.logs import WithoutBodies


@pytest.fixture(autouse=True)
def _clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REDIS_URL", "SFW_REDIS_URL", "SFW_CONCURRENCY", "SFW_CONFIG", "SFW_NAME"):
        monkeypatch.delenv(name, raising=False)


def test_flags_beat_environment_beats_file_beats_default(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "worker.toml"
    file.write_text('[worker]\nname = "from-file"\nconcurrency = 3\nretry_max = 7\n')
    monkeypatch.setenv("SFW_CONCURRENCY", "4")
    monkeypatch.setenv("REDIS_URL", "redis://:hidden@10.0.0.1:6379/0")
    settings = load_settings(file, name="from-flag", state_dir=None)
    assert (settings.name, settings.concurrency, settings.retry_max) == ("from-flag", 4, 7)
    told = {line.name: line for line in explain(settings)}
    assert told["name"].source == "flag"
    assert told["concurrency"].source == "environment SFW_CONCURRENCY"
    assert told["retry_max"].source == f"file {file}"
    assert told["redis_url"].source == "environment REDIS_URL"
    assert told["claim_lease_s"].source == "default"
    assert "hidden" not in repr(told)
    assert "hidden" not in repr(settings)


def test_the_default_has_no_password_and_stays_on_this_machine() -> None:
    assert load_settings().redis_url.get_secret_value() == "redis://127.0.0.1:6379/0"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("[worker]\nconcurency = 3\n", "concurency: unknown field"),
        ("[worker]\nconcurrency = 0\n", "concurrency"),
        ("[worker\n", "settings file"),
        ("worker = 3\n", "not a table"),
    ],
)
def test_a_wrong_file_is_told_with_its_place(tmp_path: Path, text: str, named: str) -> None:
    file = tmp_path / "worker.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match="settings") as raised:
        load_settings(file)
    assert named in raised.value.message


def test_the_engine_gets_its_part(tmp_path: Path) -> None:
    settings = load_settings(data_root=tmp_path, state_dir=tmp_path, party="alice")
    engine = settings.engine_settings()
    assert (engine.data_root, engine.party) == (tmp_path, "alice")


def test_tls_checks_the_certificate_unless_told(tmp_path: Path) -> None:
    plain = read_address("rediss://:word@host:6379/0", ca=tmp_path / "ca.pem")
    assert plain.tls == {
        "ssl_ca_certs": str(tmp_path / "ca.pem"),
        "ssl_cert_reqs": ssl.CERT_REQUIRED,
    }
    asked = read_address("rediss://host/0?ssl_cert_reqs=CERT_NONE&ssl_keyfile=/k")
    assert asked.tls == {"ssl_cert_reqs": ssl.CERT_NONE, "ssl_keyfile": "/k"}
    assert asked.url == "rediss://host/0"
    assert "word" not in repr(plain)


@pytest.mark.parametrize("url", ["http://host", "redis://", "redis://host?ssl_keyfile=/k"])
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ConfigError, match="redis_url"):
        read_address(url)


def test_a_url_is_shown_without_its_password() -> None:
    assert masked("redis://me:word@host:1/2") == "redis://me:***@host:1/2"
    assert masked("redis://host:1/2") == "redis://host:1/2"


@pytest.mark.parametrize("formatter", [ConsoleFormatter(), JsonFormatter()])
def test_logs_have_fields_and_no_password(formatter: logging.Formatter) -> None:
    record = logging.makeLogRecord(
        {"name": "any", "msg": "at redis://:word@h:1", "execution_id": "run-1", "args": ()}
    )
    text = formatter.format(record)
    assert "run-1" in text
    assert "word" not in text


def test_celerys_lines_lose_the_bodies_of_messages() -> None:
    record = logging.makeLogRecord(
        {
            "name": "celery.worker.consumer.consumer",
            "msg": "Can't decode message body: %r [type:%r]\n\nbody: %s",
            "args": ("x", "y", "private"),
        }
    )
    assert WithoutBodies().filter(record)
    assert record.getMessage() == "Can't decode message body"
