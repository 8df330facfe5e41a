"""The worker: Celery's shell around the engine."""

from secretflow_worker.worker.health import Health, is_healthy, read_health
from secretflow_worker.worker.redis_server import EmbeddedRedis, start_embedded_redis
from secretflow_worker.worker.run import run_worker
from secretflow_worker.worker.settings import Explained, WorkerSettings, explain, load_settings

__all__ = [
    "EmbeddedRedis",
    "Explained",
    "Health",
    "WorkerSettings",
    "explain",
    "is_healthy",
    "load_settings",
    "read_health",
    "run_worker",
    "start_embedded_redis",
]
