"""``sfw up`` and ``sfw submit``: real Redis, real worker, a plain Celery message."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from redis.exceptions import ConnectionError as RedisAway

from tests.cli.conftest import Sfw, Up, error_line, start_up
from tests.conftest import eventually, make_request, write_csv


@pytest.fixture
def scaling(tmp_path: Path) -> Path:
    """A file with a request that scales one column at one party."""
    request = make_request(
        {
            "task_type": "standard_scaler",
            "input_data": {"alice": write_csv(tmp_path / "in.csv", {"x": [1, 2, 3]})},
            "output_data": {"alice": str(tmp_path / "out.csv")},
            "columns": ["x"],
        },
        parties=["alice"],
    )
    path = tmp_path / "request.json"
    path.write_text(json.dumps(request))
    return path


def test_up_says_where_it_is_and_keeps_that_to_the_user(up: Up) -> None:
    facts = json.loads(up.file.read_text())

    assert set(facts) == {"redis_url", "data_root", "pid", "url", "token", "sign_in"}
    assert facts["pid"] == up.process.pid
    assert stat.S_IMODE(up.file.stat().st_mode) == 0o600
    assert Redis.from_url(facts["redis_url"]).ping()


def test_health_tells_a_living_worker_from_none(sfw: Sfw, up: Up, tmp_path: Path) -> None:
    alive = sfw("health", "--state-dir", up.state_dir)
    none = sfw("health", "--state-dir", tmp_path)

    assert (alive.returncode, alive.stdout) == (0, "alive\n")
    assert none.returncode == 1
    assert "no worker" in none.stdout


def test_waiting_shows_events_on_stderr_and_the_result_on_stdout(
    sfw: Sfw, up: Up, scaling: Path
) -> None:
    done = sfw("submit", scaling, "--wait", "--redis-url", up.redis_url)

    assert done.returncode == 0, done.stderr
    outcome = json.loads(done.stdout)
    assert outcome["status"] == "success"
    assert outcome["result"]["columns_scaled"] == ["x"]
    assert outcome["celery_metadata"]["celery_queue"] == "secretflow_queue"
    assert "RUNNING" in done.stderr
    assert "100% SUCCESS" in done.stderr


def test_the_same_request_again_gets_the_stored_result(sfw: Sfw, up: Up, scaling: Path) -> None:
    first, second = (
        json.loads(sfw("submit", scaling, "--wait", "--redis-url", up.redis_url).stdout)
        for _ in range(2)
    )

    metadata = "task_metadata"
    assert second[metadata]["completed_at"] == first[metadata]["completed_at"]


def test_without_waiting_it_says_what_was_sent(sfw: Sfw, up: Up, scaling: Path) -> None:
    sent = json.loads(sfw("submit", scaling, "--redis-url", up.redis_url).stdout)

    assert sent["queue"] == "secretflow_queue"
    assert sent["execution_id"] == json.loads(scaling.read_text())["execution_id"]
    assert sfw("submit", scaling, "--wait", "--redis-url", up.redis_url).returncode == 0


def test_a_failure_is_its_document_and_a_line(sfw: Sfw, up: Up, scaling: Path) -> None:
    request: dict[str, Any] = json.loads(scaling.read_text())
    request["task_config"]["columns"] = ["nope"]
    scaling.write_text(json.dumps(request))

    done = sfw("submit", scaling, "--wait", "--redis-url", up.redis_url)

    assert done.returncode == 1
    assert json.loads(done.stdout)["error"]["code"] == "INPUT_INVALID"
    assert "'nope'" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stderr


def test_the_redis_of_a_running_up_is_found_by_its_state_folder(
    sfw: Sfw, up: Up, scaling: Path
) -> None:
    assert sfw("submit", scaling, "--wait", "--state-dir", up.state_dir).returncode == 0


def test_run_leaves_the_folder_of_a_worker_alone(sfw: Sfw, up: Up, scaling: Path) -> None:
    assert "a worker uses" in error_line(sfw("run", scaling, "--state-dir", up.state_dir))


def test_a_wrong_request_is_refused_before_it_is_sent(sfw: Sfw, up: Up, scaling: Path) -> None:
    request = json.loads(scaling.read_text())
    del request["execution_id"]
    scaling.write_text(json.dumps(request))

    done = sfw("submit", scaling, "--redis-url", up.redis_url)

    assert "execution_id: required field is missing" in error_line(done)


def test_without_redis_it_says_how_to_get_one(sfw: Sfw, scaling: Path) -> None:
    line = error_line(sfw("submit", scaling, "--redis-url", "redis://:s3cret@127.0.0.1:1/0"))

    assert "does not answer" in line
    assert "sfw up" in line
    assert "s3cret" not in line


def test_up_leaves_nothing_running(tmp_path: Path) -> None:
    up = start_up(tmp_path / "state")
    assert up.data_root == tmp_path / "state" / "data"
    redis = Redis.from_url(up.redis_url)
    server = int(redis.info("server")["process_id"])

    assert up.stop() == 0

    assert not up.file.exists()
    with pytest.raises(RedisAway):
        redis.ping()
    with pytest.raises(ProcessLookupError):
        os.kill(server, 0)


def test_up_can_end_with_whoever_started_it(tmp_path: Path) -> None:
    up = start_up(tmp_path / "state", "--end-with-parent", "--no-web", through_a_parent=True)
    assert set(json.loads(up.file.read_text())) == {"redis_url", "data_root", "pid"}

    up.process.kill()
    up.process.wait()

    eventually(lambda: not up.file.exists())
    eventually(lambda: not list((tmp_path / "state").glob("worker.heartbeat")))


def test_a_second_up_in_the_same_folder_is_refused(sfw: Sfw, up: Up) -> None:
    policy = (up.state_dir / "up-policy.toml").read_text()

    done = sfw("up", "--state-dir", up.state_dir)

    assert "another embedded Redis uses" in error_line(done)
    assert up.file.exists()
    assert (up.state_dir / "up-policy.toml").read_text() == policy, "the running one's policy"
