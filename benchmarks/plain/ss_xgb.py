"""Train boosted trees over two CSV files and save the shares of their leaf weights."""

import time

from secretflow.data.vertical import read_csv
from secretflow.ml.boost.ss_xgb_v import Xgb

from benchmarks.plain._secretflow import finish, start


def main() -> None:
    devices = start()
    work = devices.work
    started = time.perf_counter()
    table = read_csv({devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]})
    parameters = {
        "num_boost_round": work["trees"],
        "max_depth": work["depth"],
        "learning_rate": 0.3,
        "sketch_eps": 1 / work["buckets"],
        "objective": "logistic",
        "reg_lambda": 0.1,
        "subsample": 1.0,
        "colsample_by_tree": 1.0,
        "base_score": 0.5,
    }
    model = Xgb(devices.spu).train(parameters, table[work["features"]], table[["y"]])
    for number, weights in enumerate(model.get_weights()):
        folders = [work["output"][party] for party in sorted(work["output"])]
        devices.spu.dump(weights, [f"{folder}.{number}" for folder in folders])
    finish(time.perf_counter() - started)


if __name__ == "__main__":
    main()
