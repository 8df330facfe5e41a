"""The registry is filled once, also where several threads ask for their first task at once."""

import subprocess
import sys

ASK_AT_ONCE = """
import threading
from concurrent.futures import ThreadPoolExecutor
from secretflow_worker.tasks import TaskDispatcher

threads = 8
together = threading.Barrier(threads)

def ask(_):
    together.wait()
    return TaskDispatcher.find("standard_scaler").name

with ThreadPoolExecutor(threads) as pool:
    print(*set(pool.map(ask, range(threads))))
"""


def test_the_first_tasks_of_a_worker_may_come_at_once() -> None:
    done = subprocess.run(
        [sys.executable, "-c", ASK_AT_ONCE], capture_output=True, text=True, check=False
    )

    assert done.stdout == "standard_scaler\n", done.stderr
