"""Of several bad ends the first cause is told, whatever order they were noticed in."""

from __future__ import annotations

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from typing import Any

import pytest

from secretflow_worker.contract.errors import InputError, InternalError, PeerLost, WorkerError
from secretflow_worker.engine import StopRequest, supervisor
from secretflow_worker.engine.control import ControlChannel, Failed
from secretflow_worker.engine.lifeline import Lifeline
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


@pytest.fixture
def pipes() -> Iterator[dict[str, tuple[Connection, Connection]]]:
    """The supervisor's and the party's end of each party's channel."""
    with ExitStack() as open_ends:
        ends = {party: Pipe() for party in ("alice", "bob")}
        for end in itertools.chain(*ends.values()):
            open_ends.callback(end.close)
        yield ends


def test_who_is_blamed_may_take_a_moment_to_say_why(
    pipes: dict[str, tuple[Connection, Connection]],
) -> None:
    """A busy machine may keep bob from his supervisor for longer than he kept alice waiting."""
    told = InputError("party bob ended the task; its own worker has the details", party="bob")
    own = InputError("people.csv is not UTF-8", party="bob")
    running: Any = None
    watched = [WatchedParty(party, running, ends[0]) for party, ends in pipes.items()]
    limits = Limits(60, 60, None, all_parties_here=True)
    watcher = Supervisor(watched, limits, StopRequest(), lambda progress: None)
    ControlChannel(pipes["alice"][1]).tell(Failed(error=told.report()))
    late = threading.Timer(
        2 * supervisor._GRACE_S, ControlChannel(pipes["bob"][1]).tell, [Failed(error=own.report())]
    )
    late.start()
    watcher._take_messages(1)
    with pytest.raises(InputError, match="not UTF-8"):
        watcher._raise_root_cause_if_ended()
    late.join()


def test_a_party_that_failed_is_not_told_of_the_ends_that_follow() -> None:
    """Its supervisor would hear of them first, and take them for what it had to say."""
    with ExitStack() as open_ends:
        with socket.create_server(("127.0.0.1", 0)) as server:
            lines = socket.create_connection(server.getsockname()), server.accept()[0]
        for line in lines:
            open_ends.enter_context(line)
        bad_ends: list[WorkerError] = []
        others = set(threading.enumerate())
        lifeline = Lifeline(("alice", "bob"), 1, {0: lines[1]}, bad_ends.append)
        (watching,) = set(threading.enumerate()) - others
        lifeline.abort(InputError("people.csv is not UTF-8", party="bob"))
        assert b"INPUT_INVALID" in lines[0].recv(1024)
        lines[0].shutdown(socket.SHUT_RDWR)  # alice ends
        watching.join(60)
        assert not watching.is_alive()
        assert not bad_ends
