"""Split German Credit into the bank's and the retailer's table: ``python split.py FOLDER``."""

import sys
from pathlib import Path

from secretflow_worker.cli.demo.german_credit import split

if len(sys.argv) != 2:
    sys.exit("usage: python split.py FOLDER")

for table in split(Path(sys.argv[1])).values():
    print(f"{table.path}: {table.rows} rows, {len(table.columns)} columns")
