"""What the launcher imports before it forks: everything that a party program may need.

Imported by the fork server only. Thread pools of numeric libraries stay at one thread, so
that there is nothing in the launcher that a fork would lose.
"""

import atexit
import importlib
import os
import tempfile
import warnings

_ENVIRONMENT = {
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    # libspu's matrix products ask for threads whatever the line above says; those of a thin product
    # wait for each other at every step, 4 s where one thread takes 0.1 s.
    "OMP_THREAD_LIMIT": "1",
    "MKL_NUM_THREADS": "1",
    "JAX_PLATFORMS": "cpu",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false",
    # polars' allocator: one arena, and no thread that a fork would lose. A party keeps 15 MB
    # less beside libspu, and streams as fast.
    "_RJEM_MALLOC_CONF": "narenas:1,background_thread:false",
}
_MODULES = (
    "jax.numpy",
    "polars",
    "spu.experimental",
    "spu.utils.frontend",
    "secretflow_worker.engine.party",
)

_LATE = {"secretflow_worker.tasks.evaluation._scores"}
"""Left to the parties that need it: scikit-learn would add 60 MB to every party."""

for _name, _value in _ENVIRONMENT.items():
    os.environ.setdefault(_name, _value)
# JAX makes a temporary folder when it is imported, and leaves it. Python's own is forgotten
# afterwards, so that a party finds the one that its TMPDIR names.
with tempfile.TemporaryDirectory() as tempfile.tempdir:
    for _module in _MODULES:
        importlib.import_module(_module)
tempfile.tempdir = None

from secretflow_worker.engine.processes import end_children  # noqa: E402
from secretflow_worker.engine.program_key import pin_environment  # noqa: E402
from secretflow_worker.tasks import TaskDispatcher  # noqa: E402 - after the environment is set
from secretflow_worker.tasks._task import shipped_modules  # noqa: E402

TaskDispatcher.load()
for _module in shipped_modules():  # with the kernels, which a task file imports only when it runs
    if _module not in _LATE:
        importlib.import_module(_module)

pin_environment()

# The launcher's other threads belong to brpc's sampler and polars' allocator: a fork does
# not need them, and JAX's warning about them would be written at every start of a party.
warnings.filterwarnings("ignore", message="os.fork", category=RuntimeWarning)


def _end_at_once() -> None:
    """End the parties and what they started; to take all of this down in order takes seconds."""
    end_children()
    os._exit(0)


atexit.register(_end_at_once)
