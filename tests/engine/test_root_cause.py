"""Of several bad ends the first cause is told, whatever order they were noticed in."""

from __future__ import annotations

import itertools
from multiprocessing import Pipe
from typing import Any

import pytest

from secretflow_worker.contract.errors import InputError, InternalError, PeerLost, WorkerError
from secretflow_worker.engine import StopRequest, supervisor
from secretflow_worker.engine.supervisor import Limits, Supervisor, WatchedParty

KILLED, ABORTED = -9, -6
"""Exit codes of a party that somebody killed, and of one whose native code gave up."""

End = WorkerError | int
LOST_BOB = PeerLost("the process of party bob ended", party="bob")


@pytest.fixture(autouse=True)
def exit_codes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a party's process be its exit code."""
    monkeypatch.setattr(supervisor, "await_exit", lambda process, timeout_s: process)


def root_cause(ends: dict[str, End], noticed: tuple[str, ...]) -> WorkerError:
    parties = []
    for party, end in ends.items():
        code: Any = end if isinstance(end, int) else 0
        watched = WatchedParty(party, code, Pipe()[0])
        watched.ended_at = 1.0 + noticed.index(party)
        if isinstance(end, WorkerError):
            watched.failed, watched.failed_at = end, watched.ended_at
        parties.append(watched)
    limits = Limits(60, 60, None, all_parties_here=True)
    return Supervisor(parties, limits, StopRequest(), lambda progress: None)._root_cause()


@pytest.mark.parametrize(
    "ends",
    [
        {"alice": LOST_BOB, "bob": KILLED, "carol": LOST_BOB},
        {"alice": ABORTED, "bob": KILLED, "carol": ABORTED},
        {"alice": InternalError("native", party="alice"), "bob": KILLED, "carol": LOST_BOB},
        {"alice": PeerLost("?", party="carol"), "bob": KILLED, "carol": ABORTED},
        {"alice": LOST_BOB, "bob": ABORTED, "carol": LOST_BOB},
        {"alice": ABORTED, "bob": InputError("bob's own", party="bob"), "carol": LOST_BOB},
        {"alice": LOST_BOB, "bob": InputError("bob's own", party="bob"), "carol": ABORTED},
        {
            "alice": InputError("party bob ended the task", party="bob"),
            "bob": InputError("bob's own", party="bob"),
            "carol": InternalError("native", party="carol"),
        },
        {"alice": LOST_BOB, "bob": InternalError("bob's own", party="bob"), "carol": LOST_BOB},
    ],
    ids=repr,
)
def test_bob_is_the_cause_whoever_is_noticed_first(ends: dict[str, End]) -> None:
    for noticed in itertools.permutations(ends):
        error = root_cause(ends, noticed)
        assert error.party == "bob"
        if isinstance(ends["bob"], WorkerError):
            assert error is ends["bob"]
        else:
            assert error.message.startswith("the process of party bob died of signal")


def test_of_two_crashes_the_first_counts() -> None:
    ends: dict[str, End] = {"alice": ABORTED, "bob": ABORTED, "carol": LOST_BOB}
    assert root_cause(ends, ("bob", "alice", "carol")).party == "bob"
    assert root_cause(ends, ("alice", "bob", "carol")).party == "alice"
