"""Train a logistic regression over two CSV files and save the shares of its weights."""

import time

from secretflow.data.vertical import read_csv
from secretflow.ml.linear import SSRegression

from benchmarks.plain._secretflow import finish, start


def main() -> None:
    devices = start()
    work = devices.work
    started = time.perf_counter()
    table = read_csv({devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]})
    model = SSRegression(devices.spu)
    model.fit(
        table[work["features"]],
        table[["y"]],
        epochs=work["epochs"],
        learning_rate=work["learning_rate"],
        batch_size=work["batch_size"],
        sig_type="t1",
        reg_type="logistic",
        penalty="None",
        eps=0.0,
    )
    weights = model.save_model().weights
    devices.spu.dump(weights, [work["output"][party] for party in sorted(work["output"])])
    finish(time.perf_counter() - started)


if __name__ == "__main__":
    main()
