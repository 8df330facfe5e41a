"""Each party's own policy: read from its operator's file, applied by its own worker.

::

    reading ──▶ model (Policy) ──▶ rules.judge(policy, subject) ──▶ Verdicts ──▶ PolicyRefusal
                                   at_party: once more in the party's own process, with its limits
"""

from secretflow_worker.engine.policy.in_force import LoadedPolicy, check_files, policy_in_force
from secretflow_worker.engine.policy.model import Policy
from secretflow_worker.engine.policy.reading import read_policy, read_policy_of, unknown_tasks
from secretflow_worker.engine.policy.rules import judge
from secretflow_worker.engine.policy.subject import Subject
from secretflow_worker.engine.policy.verdict import PolicyRefusal, Verdict, raise_if_refused

__all__ = [
    "LoadedPolicy",
    "Policy",
    "PolicyRefusal",
    "Subject",
    "Verdict",
    "check_files",
    "judge",
    "policy_in_force",
    "raise_if_refused",
    "read_policy",
    "read_policy_of",
    "unknown_tasks",
]
