"""``sfw submit``: send one request as any Celery client would, and perhaps wait for its end."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from secretflow_worker.cli.failure import CommandError
from secretflow_worker.cli.options import Assignments, ConfigFile, RedisUrl, StateDir, read_settings
from secretflow_worker.cli.request_file import RequestFile, read_request
from secretflow_worker.cli.visible import visible

if TYPE_CHECKING:
    from secretflow_worker.cli.sender import Ending, Sender

_POLL_S = 0.1


def submit(
    file: RequestFile,
    wait: Annotated[bool, typer.Option("--wait", help="Wait for the end; print result.")] = False,
    queue: Annotated[
        str | None, typer.Option(help="Another queue than the documented one of the request.")
    ] = None,
    config: ConfigFile = None,
    redis_url: RedisUrl = None,
    state_dir: StateDir = None,
    assignments: Assignments = None,
) -> None:
    """Send a request to a worker's queue.

    Without an address it finds the Redis of a running `sfw up`, by its state folder.
    With --wait, shows its status events and prints its result, or its failure, as JSON.
    """
    document = read_request(file)
    settings = read_settings(config, assignments, redis_url=redis_url, state_dir=state_dir)

    from secretflow_worker.cli.sender import Sender, address_of, queue_of
    from secretflow_worker.contract.request import parse_request

    request = parse_request(document)
    with Sender(address_of(settings)) as sender:
        celery_id = sender.send(document, queue)
        if not wait:
            sent = {
                "celery_task_id": celery_id,
                "execution_id": request.execution_id,
                "queue": queue or queue_of(document),
            }
            typer.echo(json.dumps(sent, indent=2))
            return
        try:
            ending = _await(sender, celery_id, request.execution_id)
        except KeyboardInterrupt:
            raise CommandError(
                f"no longer waiting; {request.execution_id} still runs",
                hint="send the same request again to get its result",
                exit_code=130,
            ) from None
    document = ending.document["result"] if ending.succeeded else ending.document
    typer.echo(json.dumps(document, indent=2, ensure_ascii=False))
    if not ending.succeeded:
        raise CommandError(ending.explain())


def _await(sender: Sender, celery_id: str, execution_id: str) -> Ending:
    ending = None
    while ending is None:
        # In this order, so that the events of the end are heard too.
        ending = sender.ending(celery_id)
        for event in sender.hear(_POLL_S):
            if event.get("execution_id") == execution_id:
                typer.echo(visible(_line(event)), err=True)
    return ending


def _line(event: dict[str, Any]) -> str:
    data = event.get("data", {})
    words = [f"{data.get('progress', 0.0):4.0%}", event["status"], data.get("stage") or ""]
    if data.get("party"):
        words.append(f"at {data['party']}")
    words.append(data.get("message") or "")
    return " ".join(word for word in words if word)
