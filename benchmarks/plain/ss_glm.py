"""Train a logistic GLM over two CSV files; the weights stay on the SPU, there is no saving them."""

import time

import secretflow as sf
from secretflow.data.vertical import read_csv
from secretflow.ml.linear.ss_glm import SSGLM

from benchmarks.plain._secretflow import finish, start


def main() -> None:
    devices = start()
    work = devices.work
    started = time.perf_counter()
    table = read_csv({devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]})
    model = SSGLM(devices.spu)
    data = (table[work["features"]], table[["y"]], None, None)
    common = {"epochs": work["epochs"], "link": "Logit", "dist": "Bernoulli"}
    if work["solver"] == "irls":
        model.fit_irls(*data, **common)
    else:
        model.fit_sgd(
            *data, **common, learning_rate=work["learning_rate"], batch_size=work["batch_size"]
        )
    sf.wait(model.spu_w)
    finish(time.perf_counter() - started)


if __name__ == "__main__":
    main()
