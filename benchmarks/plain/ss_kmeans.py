"""Cluster the rows of two CSV files; the centres stay on the SPU."""

import time

from secretflow.data.vertical import read_csv
from secretflow.ml.cluster.kmeans import KMeans

from benchmarks.plain._secretflow import finish, start


def main() -> None:
    devices = start()
    work = devices.work
    started = time.perf_counter()
    table = read_csv({devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]})
    KMeans(devices.spu).fit(
        table[work["features"]], work["clusters"], init="random", max_iter=work["steps"]
    )
    finish(time.perf_counter() - started)


if __name__ == "__main__":
    main()
