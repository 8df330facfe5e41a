"""Train SecretFlow's Sgb over two CSV files, and predict the same rows to alice."""

import time
from pathlib import Path
from typing import Any

import numpy as np
import secretflow as sf
from secretflow.data.vertical import read_csv
from secretflow.ml.boost.sgb_v import Sgb
from spu import libspu

from benchmarks.plain._secretflow import finish, start

HEU = {
    "sk_keeper": {"party": "alice"},
    "evaluators": [{"party": "bob"}],
    "mode": "PHEU",
    "he_parameters": {"schema": "ou", "key_pair": {"generate": {"bit_size": 2048}}},
}


def main() -> None:
    devices = start()
    work = devices.work
    heu = sf.HEU(HEU, libspu.FieldType.FM128)
    started = time.perf_counter()
    table = read_csv({devices.alice: work["input"]["alice"], devices.bob: work["input"]["bob"]})
    params = {
        **work["params"],
        "objective": "logistic",
        "gamma": 0.0,
        "base_score": 0.0,
        "first_tree_with_label_holder_feature": False,
    }
    features = table[work["features"]]
    model = Sgb(heu).train(params, features, table[["y"]])
    algorithm_s = time.perf_counter() - started
    predicted = model.predict(features, to_pyu=devices.alice)
    sf.wait(devices.alice(_save)(Path(work["to"]), predicted.partitions[devices.alice]))
    finish(algorithm_s)


def _save(path: Path, values: Any) -> None:
    np.save(path, np.asarray(values))


if __name__ == "__main__":
    main()
