"""Correlations, inflations or p-values over two CSV files, by SecretFlow's classes."""

import time
from typing import Any

from secretflow.data.vertical import read_csv
from secretflow.ml.linear import SSRegression
from secretflow.ml.linear.ss_glm.core.distribution import DistributionType
from secretflow.ml.linear.ss_glm.core.link import LinkType
from secretflow.stats import SSPValue, SSVertPearsonR, SSVertVIF

from benchmarks.plain._secretflow import Devices, finish, start


def main() -> None:
    devices = start()
    work = devices.work
    started = time.perf_counter()
    table = read_csv({devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]})
    features = table[work["features"]]
    if work["task_type"] == "pearson_correlation":
        SSVertPearsonR(devices.spu).pearsonr(features)
    elif work["task_type"] == "vif":
        SSVertVIF(devices.spu).vif(features)
    else:
        model = _train(devices, features, table[["y"]])
        started = time.perf_counter()
        SSPValue(devices.spu).z_statistic_p_value(
            features,
            table[["y"]],
            model.predict(features),
            model.spu_w,
            LinkType("Logit"),
            DistributionType("Bernoulli"),
        )
    finish(time.perf_counter() - started)


def _train(devices: Devices, features: Any, label: Any) -> SSRegression:
    model = SSRegression(devices.spu)
    model.fit(
        features,
        label,
        epochs=1,
        learning_rate=0.5,
        batch_size=len(features),
        sig_type="t1",
        reg_type="logistic",
        penalty="None",
        eps=0.0,
    )
    return model


if __name__ == "__main__":
    main()
