"""``python -m secretflow_worker`` is ``sfw``."""

from secretflow_worker.cli.main import main

main()
