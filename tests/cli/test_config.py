"""Settings: where each came from, and that a wrong one is named."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Sfw, error_line


def explained(
    sfw: Sfw, *arguments: str | Path, env: dict[str, str] | None = None
) -> dict[str, tuple[str, str]]:
    done = sfw("config", "--json", *arguments, env=env)
    assert done.returncode == 0, done.stderr
    return {line["name"]: (line["value"], line["source"]) for line in json.loads(done.stdout)}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "sfw.toml"
    path.write_text("[worker]\nconcurrency = 3\nretry_max = 4\nname = 'from-file'\n")
    return path


def test_flags_win_over_the_environment_over_the_file_over_defaults(sfw: Sfw, file: Path) -> None:
    settings = explained(
        sfw, "--config", file, "--concurrency", "7", "--set", "retry_backoff_s=2",
        env={"SFW_CONCURRENCY": "5", "SFW_RETRY_MAX": "6"},
    )  # fmt: skip

    assert settings["concurrency"] == ("7", "flag")
    assert settings["retry_backoff_s"] == ("2.0", "flag")
    assert settings["retry_max"] == ("6", "environment SFW_RETRY_MAX")
    assert settings["name"] == ("from-file", f"file {file}")
    assert settings["log_level"][1] == "default"


def test_redis_url_is_an_accepted_name_and_its_password_is_hidden(sfw: Sfw) -> None:
    url = "redis://user:s3cret@redis.example:6379/1"

    value, source = explained(sfw, env={"REDIS_URL": url})["redis_url"]

    assert source == "environment REDIS_URL"
    assert "redis.example:6379/1" in value
    assert "s3cret" not in value


def test_maps_and_lists_are_written_as_json(sfw: Sfw) -> None:
    settings = explained(
        sfw, "--set", 'party_data_roots={"bank": "/srv/bank"}', "--set", "port_range=[21000, 21999]"
    )

    assert "/srv/bank" in settings["party_data_roots"][0]
    assert "21000" in settings["port_range"][0]


def test_paths_are_shown_as_the_worker_will_see_them(sfw: Sfw, tmp_path: Path) -> None:
    assert explained(sfw, "--data-root", "data")["data_root"][0] == str(tmp_path / "data")


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--set", "concurency=3"], "concurency: unknown field"),
        (["--concurrency", "0"], "concurrency: "),
        (["--set", "port_range=[1"], "not valid JSON"),
        (["--set", "concurrency"], "NAME=VALUE"),
        (["--config", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_a_wrong_setting_is_named(sfw: Sfw, arguments: list[str], says: str) -> None:
    done = sfw("config", *arguments)

    assert done.returncode != 0
    assert says in done.stderr
    assert "Traceback" not in done.stderr


def test_a_faulty_file_is_named_with_its_place(sfw: Sfw, tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("[worker\n")

    assert "broken.toml" in error_line(sfw("config", "--config", path))
