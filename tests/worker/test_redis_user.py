"""A worker runs as the Redis user that the guide tells operators to make, and needs no more."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from redis.exceptions import NoPermissionError

from secretflow_worker.worker import EmbeddedRedis
from tests.worker.harness import Client, Worker

GUIDE = Path(__file__).parents[2] / "docs/guides/operations.md"


@pytest.mark.timeout(120)
def test_the_user_of_the_guide_is_enough(
    own_redis: EmbeddedRedis, own_client: Client, tmp_path: Path
) -> None:
    rules = re.search(r"^ACL SETUSER alice (.+?)$", GUIDE.read_text("utf-8"), re.MULTILINE)
    assert rules is not None
    own_client.redis.execute_command("ACL", "SETUSER", "alice", *rules[1].split())  # type: ignore[no-untyped-call]
    url = f"redis://alice:PASSWORD@{urlsplit(own_redis.url).netloc.rpartition('@')[2]}/0"
    worker = Worker(url, tmp_path / "alice", data_root=own_client.data)
    try:
        worker.start()
        result = own_client.send(own_client.quick()).get(timeout=60)
        assert result["result"]["status"] == "success", worker.log()
        assert worker.terminate() == 0, worker.log()
    finally:
        worker.close()
    assert own_client.redis.acl_log() == []
    as_alice = Client(url, own_client.data)
    with pytest.raises(NoPermissionError):
        as_alice.redis.flushall()
    with pytest.raises(NoPermissionError):
        as_alice.redis.get("of-somebody-else")
    as_alice.redis.close()
    as_alice.app.close()
