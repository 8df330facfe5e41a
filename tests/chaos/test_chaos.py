"""A short storm in every run of the suite; ``make chaos`` is the long one."""

from __future__ import annotations

import pytest

from tests.chaos.run import run_chaos

DEEDS = (
    "party killed",
    "worker killed",
    "orchestrator killed",
    "PostgreSQL killed",
    "Redis and its data lost",
    "worker paused",
)


@pytest.mark.timeout(400)
def test_every_chain_comes_to_its_right_end(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Two orchestrators on PostgreSQL, two workers, Redis: the seed says what dies when."""
    folder = tmp_path_factory.mktemp("storm")  # short, as the paths of sockets must be
    outcome = run_chaos(folder, 1, is_postgresql=True, deeds=DEEDS)
    assert outcome.faults == []
    assert outcome.counts["chains"] == 20
    assert outcome.kills.total() == len(DEEDS)
