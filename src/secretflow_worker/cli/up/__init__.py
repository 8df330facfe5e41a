"""``sfw up``: an embedded Redis, a worker and the orchestrator on this machine."""

from __future__ import annotations

import ctypes
import os
import signal
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from secretflow_worker.cli.options import (
    Assignments,
    CertsDir,
    Concurrency,
    ConfigFile,
    DataRoot,
    LogLevel,
    PartyFlag,
    PolicyFile,
    StateDir,
    read_settings,
)

if TYPE_CHECKING:
    from secretflow_worker.cli.up.announcement import Announcement
    from secretflow_worker.cli.up.web_side import WebSide

POLICY_FILE = "up-policy.toml"
_PR_SET_PDEATHSIG = 1


def up(
    config: ConfigFile = None,
    data_root: DataRoot = None,
    state_dir: StateDir = None,
    party: PartyFlag = None,
    certs_dir: CertsDir = None,
    policy: PolicyFile = None,
    concurrency: Concurrency = None,
    port: Annotated[
        int | None, typer.Option(help="Of page and API; 8000 by default, 0 is free. [SFW_PORT]")
    ] = None,
    web: Annotated[
        bool, typer.Option("--web/--no-web", help="Without: Redis and a worker alone.")
    ] = True,
    log_level: LogLevel = None,
    assignments: Assignments = None,
    end_with_parent: Annotated[
        bool, typer.Option(hidden=True, help="Stop when the process that started this ends.")
    ] = False,
) -> None:
    """Start Redis, a worker and the orchestrator here, until Ctrl-C.

    <state-dir>/up.json says how to reach them, while they run; `sfw chain` finds them by it.
    """
    flags: dict[str, Any] = {
        "data_root": data_root, "state_dir": state_dir, "party": party, "certs_dir": certs_dir,
        "policy_file": policy, "concurrency": concurrency, "log_level": log_level,
    }  # fmt: skip
    settings = read_settings(config, assignments, **flags)
    flags["state_dir"] = folder = settings.state_dir.absolute()

    from secretflow_worker.cli.up.announcement import UP_FILE, Announcement
    from secretflow_worker.cli.up.web_side import WebSide, child_arguments, child_environment
    from secretflow_worker.orchestrator.listening import listen_on
    from secretflow_worker.orchestrator.settings import load_settings
    from secretflow_worker.worker import run_worker, start_embedded_redis
    from secretflow_worker.worker.settings import explain

    if {line.name: line.source for line in explain(settings)}["data_root"] == "default":
        # The default is the container images' folder; here the state folder is at hand.
        flags["data_root"] = folder / "data"
        flags["data_root"].mkdir(parents=True, exist_ok=True)
        settings = read_settings(config, assignments, **flags)
    # Until the worker listens to signals itself, SIGTERM must not skip what follows.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    if end_with_parent:
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    lost: list[bool] = []

    def give_up() -> None:
        lost.append(True)
        os.kill(os.getpid(), signal.SIGTERM)

    folder.mkdir(mode=0o700, parents=True, exist_ok=True)  # what is made in it is nobody else's
    with ExitStack() as running:
        redis = start_embedded_redis(folder)  # refuses where another `sfw up` has the folder
        running.callback(redis.stop)
        (folder / UP_FILE).unlink(missing_ok=True)  # of one that was killed; its token ends now
        listening = None
        if web:
            listening = running.enter_context(
                listen_on("127.0.0.1", load_settings(config, port=port).port)
            )
        if not settings.policy_files() and not settings.allow_no_policy:
            flags["policy_file"] = _write_own_policy(folder, settings.data_root)
        settings = read_settings(config, assignments, **flags, redis_url=redis.url)
        facts = {"redis_url": redis.url, "data_root": str(settings.data_root), "pid": os.getpid()}
        announcement = Announcement(folder, facts)
        running.enter_context(announcement.kept())
        typer.echo(f"Data root: {settings.data_root}.")
        typer.echo(f"Policy: {', '.join(map(str, settings.policy_files())) or 'none'}.")
        if listening is None:
            announcement.take_calls()
        else:
            web_side = WebSide(
                listening,
                child_arguments(folder, config),
                child_environment(redis.url),
                lambda side, link: _tell(announcement, side, link),
                give_up,
            )
            web_side.start()
            running.callback(web_side.stop)
        exit_code = run_worker(settings)
    raise typer.Exit(1 if lost else exit_code)


def _tell(announcement: Announcement, side: WebSide, link: str | None) -> None:
    announcement.take_calls(url=side.url, token=side.token, sign_in=link)
    typer.echo(f"The page is at {side.url}/; stop with Ctrl-C.")
    if link is not None:
        typer.echo(f"Nobody can sign in there yet. The first user does once by this link: {link}")


def _write_own_policy(folder: Path, data_root: Path) -> Path:
    """Let this machine's parties do all within the data root, and nobody elsewhere anything."""
    from secretflow_worker.cli.up.announcement import write_private
    from secretflow_worker.engine.policy.starting import for_one_machine

    path = folder / POLICY_FILE
    write_private(path, for_one_machine(data_root.absolute()))
    return path
