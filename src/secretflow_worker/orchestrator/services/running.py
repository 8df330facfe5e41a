"""All services of one orchestrator, as threads that start and end together."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from secretflow_worker.broker.address import RedisAddress
from secretflow_worker.broker.telemetry import OFF, Telemetry
from secretflow_worker.orchestrator.services.broker import Broker
from secretflow_worker.orchestrator.services.control import Control
from secretflow_worker.orchestrator.services.listener import Listener
from secretflow_worker.orchestrator.services.loop import Loop
from secretflow_worker.orchestrator.services.parties import Parties
from secretflow_worker.orchestrator.services.reconciler import Reconciler
from secretflow_worker.orchestrator.services.redis_claim import RedisClaim
from secretflow_worker.orchestrator.services.relay import Relay
from secretflow_worker.orchestrator.services.run_lines import write_lines
from secretflow_worker.orchestrator.services.runs import Runs
from secretflow_worker.orchestrator.services.scheduler import Scheduler
from secretflow_worker.orchestrator.services.spans import RunSpans
from secretflow_worker.orchestrator.store.database import Database
from secretflow_worker.orchestrator.store.identity import identity_of

_HINT_S = 1.0
"""How long an event without a hint waits at most."""


class Services:
    """The relay, the listener, the reconciler and the scheduler over one database and one Redis."""

    def __init__(
        self,
        database: Database,
        address: RedisAddress,
        *,
        window: int = 16,
        patience_s: float = 30.0,
        telemetry: Telemetry = OFF,
        claim: RedisClaim | None = None,
    ) -> None:
        self._broker = Broker(address)
        self._claim = claim or RedisClaim(identity_of(database))
        self.runs = Runs(database)
        self.runs.on_change.append(write_lines)
        if telemetry.is_on:
            self.runs.on_change.append(RunSpans(telemetry).tell)
        self.parties = Parties(self._broker.redis)
        relay = Relay(database, self._broker, window)
        self._relay = Loop("relay", self._where_ours(relay.send_some), every_s=1.0)
        self._listener = Listener(database, self._broker, self.runs, self._relay.wake)
        reconciler = Reconciler(database, self._broker, self.runs, patience_s)
        self._scheduler = Scheduler(database, Control(database, self.runs), telemetry=telemetry)
        lost = self._then_send(reconciler.look_for_lost)
        self._loops = [
            self._relay,
            Loop("listener", self._where_ours(self._listen), every_s=0.0),
            Loop("time", self._then_send(reconciler.let_time_pass), every_s=0.5),
            Loop("lost", self._where_ours(lost), every_s=min(2.0, patience_s)),
            Loop("old events", reconciler.forget_events, every_s=3600.0),
            Loop("schedules", self._then_send(self._scheduler.fire_due), every_s=0.5),
        ]

    def start(self) -> None:
        """Start every thread."""
        for loop in self._loops:
            loop.start()

    def wake(self) -> None:
        """Send at once what was just written."""
        self._relay.wake()

    def observe_lag(self, observe: Callable[[float], None]) -> None:
        """Let `observe` be told how late each event is taken, in seconds."""
        self._listener.observe_lag = observe

    def observe_firings(self, observe: Callable[[str, float], None]) -> None:
        """Let `observe` be told of each firing's outcome, and how many seconds late it was."""
        self._scheduler.observe = observe

    def depths_of(self, lists: Sequence[str]) -> dict[str, int]:
        """Count what waits in lists of Redis.

        Raises:
            RedisError: it is away.
        """
        with self._broker.redis.pipeline(transaction=False) as pipe:
            for name in lists:
                pipe.llen(name)
            return dict(zip(lists, map(int, pipe.execute()), strict=True))

    def ping(self) -> None:
        """Ask Redis whether it is there, and this database's.

        Raises:
            RedisError: it is not.
        """
        self._broker.redis.ping()
        self._claim.check(self._broker.redis)

    def stop(self) -> None:
        """End every thread; what they had begun goes on with the next start."""
        for loop in self._loops:
            loop.stop()
        self._listener.close()
        self._broker.close()

    def _listen(self) -> bool:
        if not self._listener.take_some():
            self._listener.wait_for_hint(_HINT_S)
        return True

    def _where_ours(self, work: Callable[[], bool]) -> Callable[[], bool]:
        """Let a service touch Redis only while it is this database's."""

        def only_then() -> bool:
            self._claim.check(self._broker.redis)
            return work()

        return only_then

    def _then_send(self, work: Callable[[], bool]) -> Callable[[], bool]:
        def both() -> bool:
            has_more = work()
            if has_more:
                self._relay.wake()
            return has_more

        return both
