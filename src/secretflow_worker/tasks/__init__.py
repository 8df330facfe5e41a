"""Task types, one file each, and the registry that finds them."""

from secretflow_worker.tasks._config import Config, Report, Result
from secretflow_worker.tasks._parties import Model, Parties, Secret, Spu
from secretflow_worker.tasks._task import Learns, TaskDispatcher, TaskType

__all__ = [
    "Config",
    "Learns",
    "Model",
    "Parties",
    "Report",
    "Result",
    "Secret",
    "Spu",
    "TaskDispatcher",
    "TaskType",
]
