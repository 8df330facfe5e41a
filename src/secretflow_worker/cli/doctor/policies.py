"""Whether the policies of this worker's parties can be applied."""

from __future__ import annotations

from collections.abc import Iterator

from secretflow_worker.cli.doctor.check import Check
from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.engine.policy import check_files
from secretflow_worker.engine.settings import EngineSettings


def check_policies(settings: EngineSettings) -> Iterator[Check]:
    """Yield one check of all policy files."""
    files = settings.policy_files()
    try:
        check_files(settings)
    except ConfigError as fault:
        yield Check("policy", "fail", fault.message, fault.hint)
        return
    if files:
        yield Check("policy", "ok", ", ".join(str(path) for path in files))
    elif settings.party is None:
        yield Check("policy", "ok", "no policy_file: local mode within the data root only")
    elif settings.allow_no_policy:
        yield Check(
            "policy", "warn", "allow_no_policy: who can send requests decides all",
            "write one: sfw policy init FILE, and set policy_file",
        )  # fmt: skip
    else:
        yield Check(
            "policy", "fail", f"{settings.party} has no policy: tasks with others are refused",
            "write one: sfw policy init FILE, and set policy_file",
        )  # fmt: skip
