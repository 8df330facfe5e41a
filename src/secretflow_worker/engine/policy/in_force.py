"""The policy that counts for a party at this moment."""

from __future__ import annotations

import os
from pathlib import Path

from secretflow_worker.contract.errors import ConfigError
from secretflow_worker.engine.policy.reading import LoadedPolicy as LoadedPolicy
from secretflow_worker.engine.policy.reading import read_policy, read_policy_of
from secretflow_worker.engine.policy.verdict import PolicyRefusal, Verdict
from secretflow_worker.engine.settings import EngineSettings

NO_POLICY = "policy_file"


def policy_in_force(
    settings: EngineSettings, party: str, *, is_network: bool
) -> LoadedPolicy | None:
    """Read the policy of a party anew; None where it needs none.

    Without a policy a party runs with others on its own machine only: who starts a worker with a
    data root for all of them is the operator of all of them.

    Raises:
        PolicyRefusal: the file is faulty, or a party that meets others elsewhere has none.
    """
    path = settings.policy_of(party)
    if path is not None:
        try:
            return read_policy_of(party, path)
        except ConfigError as fault:
            what = f"anything while it is faulty: {fault.message}"
            raise PolicyRefusal(
                party, [Verdict(NO_POLICY, what, False, "mend it, see `sfw policy check`")]
            ) from None
    if is_network and not settings.allow_no_policy:
        what = "tasks with parties elsewhere: this worker has no policy"
        ask = "write one with `sfw policy init`, and name it by the setting policy_file"
        raise PolicyRefusal(party, [Verdict(NO_POLICY, what, False, ask)])
    return None


def check_files(settings: EngineSettings) -> None:
    """Check every policy file that the settings name.

    Raises:
        ConfigError: one is faulty, or lies where a task could write.
    """
    for party, path in settings.party_policies.items():
        read_policy_of(party, path)
    if settings.policy_file is not None:
        if settings.party is None:
            read_policy(settings.policy_file)
        else:
            read_policy_of(settings.party, settings.policy_file)
    for path in settings.policy_files():
        _check_place(path, settings)


def _check_place(path: Path, settings: EngineSettings) -> None:
    real = Path(os.path.realpath(path))
    if real.is_relative_to(os.path.realpath(settings.state_dir)):  # `sfw up`'s own
        return
    for root in (settings.data_root, *settings.party_data_roots.values()):
        if real.is_relative_to(os.path.realpath(root)):
            raise ConfigError(
                f"policy {path}: it lies in the data root {root}, where tasks read and write",
                hint="Move it to a folder that only the operator writes.",
            )
