"""The client that blocks."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator
from functools import update_wrapper
from types import TracebackType
from typing import Any, Generic, ParamSpec, TypeVar

import httpx

from secretflow_worker.client import (
    chain_calls,
    other_calls,
    party_calls,
    programs,
    schedule_calls,
)
from secretflow_worker.client.answers import Chain, Event
from secretflow_worker.client.calls import Call, Document
from secretflow_worker.client.connection import Connection, Stepper, Token
from secretflow_worker.client.programs import Program

P = ParamSpec("P")
T = TypeVar("T")
OnProgress = Callable[[Event], object]


class Client:
    """Talks to one orchestrator; close it, or use it in a ``with`` block.

    ``url`` is what ``sfw web`` or ``sfw up`` prints. Threads may share a client.
    """

    def __init__(self, url: str, token: Token, **options: Any) -> None:
        """Make a client; `options` are further fields of ``Connection``.

        Raises:
            ClientError: the address is none.
        """
        self._connection = Connection(url, token, **options)
        self._http = httpx.Client(**self._connection.settings())
        self.chains = Chains(self)
        self.templates = Templates(self)
        self.tasks = Tasks(self)
        self.executions = Executions(self)
        self.schedules = Schedules(self)
        self.nodes = Nodes(self)
        self.files = Files(self)
        self.models = Models(self)

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close its connections."""
        self._http.close()

    def ask(self, call: Call[T]) -> T:
        """Make one call."""
        return self.carry_out(programs.ask(call, self._connection.patience))

    def carry_out(self, program: Program[T], on_progress: OnProgress | None = None) -> T:
        """Run a program to its end and return its result."""
        stepper = Stepper(program)
        for event in self.events_of(stepper):
            if on_progress is not None:
                on_progress(event)
        return stepper.result

    def events_of(self, stepper: Stepper[Any]) -> Iterator[Event]:
        """Run a program to its end, and yield the events that it tells of."""
        stream: httpx.Response | None = None
        lines: Iterator[str] = iter(())
        try:
            while (step := stepper.step) is not None:
                outcome: Any = None
                try:
                    match step:
                        case programs.Tell():
                            yield step.event
                        case programs.Exchange():
                            outcome = self._http.send(self._request(step.call))
                        case programs.Open():
                            outcome = stream = self._http.send(
                                self._request(step.call), stream=True
                            )
                            if not stream.is_success:
                                stream.read()
                            lines = stream.iter_lines()
                        case programs.NextLine():
                            outcome = next(lines, None)
                        case programs.Close() if stream is not None:
                            stream.close()
                        case programs.Sleep():
                            time.sleep(step.seconds)
                except httpx.TransportError as lost:
                    stepper.lose(lost)
                else:
                    stepper.go_on(outcome)
        finally:
            if stream is not None:
                stream.close()

    def _request(self, call: Call[Any]) -> httpx.Request:
        return self._connection.request(self._http, call)

    @property
    def url(self) -> str:
        """The orchestrator's address, which is that of its page too."""
        return self._connection.place

    @property
    def patience(self) -> programs.Patience:
        return self._connection.patience


class _Calls:
    """Some of a client's calls."""

    def __init__(self, client: Client) -> None:
        self._client = client


class _Call(Generic[P, T]):
    """Lets a function that makes a call be a method that makes and sends it."""

    def __init__(self, make: Callable[P, Call[T]]) -> None:
        self._make = make

    def __get__(self, calls: _Calls, owner: type[_Calls]) -> Callable[P, T]:
        def send(*args: P.args, **kwargs: P.kwargs) -> T:
            return calls._client.ask(self._make(*args, **kwargs))

        return update_wrapper(send, self._make)


class Chains(_Calls):
    """``client.chains``."""

    create = _Call(chain_calls.create)
    execute = _Call(chain_calls.execute)
    get = _Call(chain_calls.show)
    list = _Call(chain_calls.list_page)
    cancel = _Call(chain_calls.cancel)
    pause = _Call(chain_calls.pause)
    resume = _Call(chain_calls.resume)
    retry = _Call(chain_calls.retry)
    clone = _Call(chain_calls.clone)
    update = _Call(chain_calls.update)
    rollback = _Call(chain_calls.rollback)
    versions = _Call(chain_calls.versions)
    document = _Call(chain_calls.document)
    diff = _Call(chain_calls.diff)
    task = _Call(chain_calls.task)
    logs = _Call(party_calls.logs)
    runs = _Call(chain_calls.runs)
    validate = _Call(chain_calls.validate)
    dry_run = _Call(chain_calls.dry_run)
    export = _Call(chain_calls.export)
    import_yaml = _Call(chain_calls.import_yaml)

    def events(self, chain_id: str, *, after: int = 0, follow: bool = True) -> Iterator[Event]:
        """Yield what has happened to a chain after an event, and go on for ever if told to."""
        watch = programs.watch if follow else programs.look
        return self._client.events_of(Stepper(watch(chain_id, after, self._client.patience)))

    def wait(
        self,
        chain_id: str,
        *,
        timeout_s: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> Chain:
        """Wait for the end of a chain's newest run; see ``programs.wait`` for what it raises."""
        waiting = programs.wait(chain_id, self._client.patience, timeout_s=timeout_s)
        return self._client.carry_out(waiting, on_progress)

    def run(
        self,
        document: Document,
        *,
        key: str | None = None,
        timeout_s: float | None = None,
        on_progress: OnProgress | None = None,
    ) -> Chain:
        """Make a chain, run it, wait for its end, and return it with its tasks' results.

        The same `key` means the same chain and the same run, for a day: a program that was
        killed while it waited goes on waiting. See ``programs.run`` for what it raises.
        """
        running = programs.run(
            document, self._client.patience, key=key or uuid.uuid4().hex, timeout_s=timeout_s
        )
        return self._client.carry_out(running, on_progress)


class Templates(_Calls):
    """``client.templates``."""

    list = _Call(other_calls.list_templates)
    get = _Call(other_calls.show_template)
    save = _Call(other_calls.save_template)
    delete = _Call(other_calls.delete_template)
    render = _Call(other_calls.render_template)
    create_chain = _Call(other_calls.create_from_template)


class Tasks(_Calls):
    """``client.tasks``: the task types."""

    list = _Call(other_calls.list_types)
    get = _Call(other_calls.show_type)


class Executions(_Calls):
    """``client.executions``: single tasks."""

    create = _Call(other_calls.execute_task)
    get = _Call(other_calls.show_execution)


class Schedules(_Calls):
    """``client.schedules``."""

    create = _Call(schedule_calls.create)
    list = _Call(schedule_calls.list_page)
    get = _Call(schedule_calls.show)
    enable = _Call(schedule_calls.enable)
    disable = _Call(schedule_calls.disable)
    delete = _Call(schedule_calls.delete)


class Nodes(_Calls):
    """``client.nodes``: the workers that are there."""

    list = _Call(party_calls.list_nodes)
    get = _Call(party_calls.show_node)


class Files(_Calls):
    """``client.files``: the tables that parties tell of."""

    list = _Call(party_calls.list_files)


class Models(_Calls):
    """``client.models``."""

    list = _Call(party_calls.list_models)
    get = _Call(party_calls.show_model)
