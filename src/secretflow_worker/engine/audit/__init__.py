"""Each party's audit log: what its policy refused, what ran, and what was disclosed to whom."""

from secretflow_worker.engine.audit.log import AuditLog, read_head
from secretflow_worker.engine.audit.record import EMPTY, Head, Record
from secretflow_worker.engine.audit.verify import Break, Verdict, read_all, verify

__all__ = [
    "EMPTY",
    "AuditLog",
    "Break",
    "Head",
    "Record",
    "Verdict",
    "read_all",
    "read_head",
    "verify",
]
