"""A worker process that tests may kill: it owns an Engine and takes JSON lines.

In: ``{"id", "run": request, "attempt", "settings"}``, ``{"id", "stop": run, "code"}``,
``{"id", "facts"}``. Out: ``{"id", "progress" | "outcome" | "error" | "facts": ...}``; first of
all ``{"ready": recovered}``.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import sys
import threading
import traceback
from typing import Any

import psutil

from secretflow_worker.contract.errors import ERRORS_BY_CODE, WorkerError
from secretflow_worker.contract.request import parse_request
from secretflow_worker.engine import Engine, EngineSettings, RunProgress, StopRequest

_lock = threading.Lock()


def say(**line: Any) -> None:
    with _lock:
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def run(engine: Engine, line: dict[str, Any], stop: StopRequest) -> None:
    def on_progress(at: RunProgress) -> None:
        say(id=line["id"], progress=[at.stage.value, at.progress, at.party, at.message])

    changed = engine.settings.model_dump() | line["settings"]
    engine = Engine(EngineSettings.model_validate(changed))
    try:
        outcome = engine.run(
            engine.prepare(parse_request(line["run"])),
            attempt=line["attempt"],
            stop=stop,
            on_progress=on_progress,
        )
        say(id=line["id"], outcome=outcome.model_dump(mode="json"))
    except WorkerError as error:
        say(id=line["id"], error=error.report().model_dump(mode="json"))
    except BaseException:
        say(id=line["id"], crash=traceback.format_exc())
        raise


def facts() -> dict[str, Any]:
    gc.collect()
    me = psutil.Process()
    zombies = [c.pid for c in me.children(recursive=True) if c.status() == psutil.STATUS_ZOMBIE]
    return {"fds": me.num_fds(), "threads": threading.active_count(), "zombies": zombies}


def main() -> None:
    for limit in map(int, sys.argv[2:]):
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    engine = Engine(EngineSettings.model_validate_json(sys.argv[1]))
    recovered = engine.start()
    say(ready=[[each.execution_id, each.outcome.task_metadata.task_type] for each in recovered])
    stops: dict[int, StopRequest] = {}
    for text in sys.stdin:
        line = json.loads(text)
        if "run" in line:
            stop = stops[line["id"]] = StopRequest()
            threading.Thread(target=run, args=(engine, line, stop), daemon=True).start()
        elif "stop" in line:
            stops[line["stop"]].set(ERRORS_BY_CODE[line["code"]]("the test asked for it"))
        else:
            say(id=line["id"], facts=facts())
    os._exit(0)  # the test has closed the pipe


if __name__ == "__main__":
    main()
