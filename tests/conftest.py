"""What every test shares: one warm engine, and ways to run a task and to wait."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

import pytest

from secretflow_worker.contract.request import parse_request
from secretflow_worker.contract.result import TaskOutcome
from secretflow_worker.engine import Engine, EngineSettings, StopRequest

T = TypeVar("T")
_numbers = itertools.count(1)


class RunTask(Protocol):
    """Runs one ``task_config`` in local mode, with real parties; raises what the engine raises."""

    def __call__(
        self,
        config: Mapping[str, Any],
        parties: Sequence[str] = ("alice", "bob"),
        spu: Mapping[str, str] | None = None,
        *,
        timeout_s: float = 100,
        stop: StopRequest | None = None,
    ) -> TaskOutcome: ...


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep each folder's tests together, in the random order that the folders have come in.

    A folder's tests share workers, sites or a page that take seconds of a core to start, and some
    of it as long as they are there: so one shard starts them, or two, and none keeps them longer
    than it needs them.
    """
    folders = dict.fromkeys(folder_of(item) for item in items)
    place = {folder: number for number, folder in enumerate(folders)}
    items.sort(key=lambda item: place[folder_of(item)])


def folder_of(item: pytest.Item) -> str:
    """Return the folder below tests that a test is in, with all that lies inside of it."""
    return item.path.relative_to(Path(__file__).parent).parts[0]


@pytest.fixture(scope="session")
def kept_programs(pytestconfig: pytest.Config) -> Path:
    """The compiled programs of all tests and of earlier sessions; ``--cache-clear`` drops them."""
    assert pytestconfig.cache is not None
    folder = pytestconfig.cache.mkdir("programs")
    folder.chmod(0o700)
    return folder


@pytest.fixture(scope="session")
def engine(tmp_path_factory: pytest.TempPathFactory, kept_programs: Path) -> Iterator[Engine]:
    """A warm engine whose data root is pytest's own folder, so every ``tmp_path`` lies in it."""
    base = tmp_path_factory.getbasetemp()
    engine = Engine(
        EngineSettings(data_root=base, state_dir=base / "engine-state", programs_dir=kept_programs)
    )
    engine.start()
    yield engine
    assert list(engine.settings.runs_dir.iterdir()) == [], "an attempt left its folder"


@pytest.fixture
def run_task(engine: Engine) -> RunTask:
    """See ``RunTask``."""

    def run(
        config: Mapping[str, Any],
        parties: Sequence[str] = ("alice", "bob"),
        spu: Mapping[str, str] | None = None,
        *,
        timeout_s: float = 100,
        stop: StopRequest | None = None,
    ) -> TaskOutcome:
        request = make_request(config, parties, spu) | {"timeout_s": timeout_s}
        return engine.run(engine.prepare(parse_request(request)), stop=stop)

    return run


def make_request(
    config: Mapping[str, Any],
    parties: Sequence[str] = ("alice", "bob"),
    spu: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Return a local-mode request with fresh ids; `spu` is a ``runtime_config``."""
    number = next(_numbers)
    request: dict[str, Any] = {
        "task_id": "chain",
        "subtask_id": "node",
        "execution_id": f"test-{number}",
        "sf_init_config": {"parties": list(parties), "address": "local"},
        "task_config": dict(config),
    }
    if spu is not None:
        nodes = [
            {"party": party, "address": f"127.0.0.1:{12000 + index}"}
            for index, party in enumerate(parties)
        ]
        request["spu_config"] = {"cluster_def": {"nodes": nodes, "runtime_config": dict(spu)}}
    return request


def eventually(check: Callable[[], T], timeout_s: float = 30, every_s: float = 0.05) -> T:
    """Call `check` until it returns something true, and return that; fail after the time limit."""
    deadline = time.monotonic() + timeout_s
    while not (outcome := check()):
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(every_s)
    return outcome


def write_csv(path: Path, columns: Mapping[str, Sequence[Any]]) -> str:
    """Write a small table and return its path as a request names it."""
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return str(path)
