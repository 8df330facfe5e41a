"""The engine: parties as processes, one link among them, outputs whole or not at all."""

from secretflow_worker.engine.engine import Engine, Recovered
from secretflow_worker.engine.plan import Plan
from secretflow_worker.engine.settings import EngineSettings
from secretflow_worker.engine.supervisor import RunProgress, StopRequest

__all__ = ["Engine", "EngineSettings", "Plan", "Recovered", "RunProgress", "StopRequest"]
