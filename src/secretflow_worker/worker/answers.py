"""Answers: a thread beside the task slots that answers what may be asked of this worker.

It takes asks to its party, or in local mode to itself, from Redis and puts each answer where its
asker waits. What a policy keeps, and what is asked wrongly, is answered by an error.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from redis import Redis
from redis.exceptions import RedisError

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.asks import (
    Answer,
    AnyAsk,
    FilesAsk,
    FingerprintsAnswer,
    FingerprintsAsk,
    LogsAnswer,
    LogsAsk,
    ModelAsk,
    ReportAnswer,
    ReportAsk,
    addressee_of,
    answer_key,
    ask_list,
    parse_ask,
    worker_ask_list,
)
from secretflow_worker.contract.errors import InternalError, WorkerError
from secretflow_worker.engine import EngineSettings
from secretflow_worker.engine.offers import (
    Fingerprints,
    NamedByValues,
    Sharing,
    Tables,
    describe_report,
    describe_saved,
    read_lines,
    sharing_of,
)
from secretflow_worker.engine.offers.fingerprints import TooLate
from secretflow_worker.worker.lines import ExecutionLines

_log = logging.getLogger(__name__)

_WAIT_S = 0.5
_AWAY_S = 1.0
_KEPT_S = 60
"""How long an answer waits for who asked."""
_MARGIN_S = 0.3
"""Before the asker gives up, for the way back."""


class Answers:
    """One thread. ``start`` it once, ``close`` it at the end."""

    def __init__(
        self,
        redis: Redis,
        settings: EngineSettings,
        worker_id: str,
        lines: ExecutionLines,
        fingerprints: Fingerprints,
        tables: Tables,
        named: NamedByValues,
    ) -> None:
        self._redis = redis
        self._settings = settings
        self._worker_id = worker_id
        self._lines = lines
        self._fingerprints = fingerprints
        self._tables = tables
        self._named = named
        self._lists = [worker_ask_list(worker_id)]
        if settings.party is not None:
            self._lists.append(ask_list(settings.party))
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._work, name="sfw-answers", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._thread.join(timeout=5)
        self._redis.close()

    def _work(self) -> None:
        while not self._closing.is_set():
            try:
                taken = self._redis.blpop(self._lists, timeout=_WAIT_S)
                if taken is not None:
                    self._reply(str(taken[1]))
            except UnicodeDecodeError:
                _log.warning("an ask that is no text is dropped")
                self._redis.connection_pool.disconnect()
            except RedisError as fault:
                _log.debug("answers wait for Redis: %s", type(fault).__name__)
                self._closing.wait(_AWAY_S)

    def _reply(self, text: str) -> None:
        answer = self.answer(text)
        if answer is None:
            _log.warning("an ask without an id of its own is dropped")
            return
        with self._redis.pipeline() as pipe:
            pipe.rpush(answer_key(answer.ask_id), answer.model_dump_json())
            pipe.expire(answer_key(answer.ask_id), _KEPT_S)
            pipe.execute()

    def answer(self, text: str) -> Answer | None:
        """Answer an ask; None where nobody can be told."""
        addressee = addressee_of(text)
        if addressee is None:
            return None
        ask_id, party = addressee
        try:
            return self._answer(parse_ask(text))
        except WorkerError as error:
            report = error.report()
        except Exception as fault:  # noqa: BLE001 - the edge of the thread: all is answered
            _log.error("a bug in the worker\n%s", traceback_of(fault))
            report = InternalError(f"{type(fault).__name__} in the worker's own code").report()
        return Answer(ask_id=ask_id, party=party, worker_id=self._worker_id, error=report)

    def _answer(self, ask: AnyAsk) -> Answer:
        sharing = sharing_of(self._settings, ask.party)
        is_late = _deadline(ask.wait_s)
        answer = Answer(ask_id=ask.ask_id, party=ask.party, worker_id=self._worker_id)
        match ask:
            case FilesAsk():
                sharing.require("tables")
                files = self._tables.list_tables(sharing, ask.prefix, ask.limit, is_late)
                return answer.model_copy(update={"files": files})
            case LogsAsk():
                sharing.require("logs")
                return answer.model_copy(update={"logs": self._logs(ask)})
            case FingerprintsAsk():
                sharing.require("fingerprints")
                prints = self._prints(ask, sharing, is_late)
                return answer.model_copy(update={"fingerprints": prints})
            case ModelAsk():
                sharing.require("models")
                real = sharing.place_of(ask.path)
                is_named = self._named.includes(real)
                found = describe_saved(real, ask.path, ask.party, is_named_by_values=is_named)
                return answer.model_copy(update={"model": found})
            case ReportAsk():
                sharing.require("reports")
                real = sharing.place_of(ask.path)
                told = ReportAnswer(document=describe_report(real, ask.path, ask.party))
                return answer.model_copy(update={"report": told})

    def _logs(self, ask: LogsAsk) -> LogsAnswer:
        own = self._lines.of(ask.execution_id, ask.level)
        of_party = read_lines(self._settings.logs_dir, ask.execution_id, ask.party, ask.level)
        lines = sorted([*own, *of_party], key=lambda line: line.at)
        return LogsAnswer(lines=lines[-ask.limit :], is_cut=len(lines) > ask.limit)

    def _prints(
        self, ask: FingerprintsAsk, sharing: Sharing, is_late: Callable[[], bool]
    ) -> FingerprintsAnswer:
        places = {path: sharing.place_of(path) for path in ask.paths}
        prints = {}
        for path, real in places.items():
            try:
                prints[path] = self._fingerprints.of(ask.party, real, is_late)
            except TooLate:
                self._fingerprints.begin(ask.party, real)  # for who asks again
        return FingerprintsAnswer(prints=prints)


def _deadline(wait_s: float) -> Callable[[], bool]:
    over_at = time.monotonic() + max(wait_s - _MARGIN_S, wait_s / 2)
    return lambda: time.monotonic() > over_at
