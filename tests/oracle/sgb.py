"""SecretFlow's Sgb (SecureBoost), trained and predicting to alice."""

import secretflow as sf
from secretflow.ml.boost.sgb_v import Sgb
from spu import libspu

from benchmarks.plain._secretflow import finish, start
from tests.oracle.tables import read, write


def main() -> None:
    devices = start()
    config = {
        "sk_keeper": {"party": "alice"},
        "evaluators": [{"party": "bob"}],
        "mode": "PHEU",
        "he_parameters": {"schema": "ou", "key_pair": {"generate": {"bit_size": 2048}}},
    }
    heu = sf.HEU(config, libspu.FieldType.FM128)
    params = {
        "gamma": 0.0,
        "base_score": 0.0,
        "objective": "logistic",
        "first_tree_with_label_holder_feature": False,
        **devices.work["params"],
    }
    features, label = read(devices, "train")
    model = Sgb(heu).train(params, features, label)
    rows, _ = read(devices, "test")
    write(devices, model.predict(rows, to_pyu=devices.alice))
    finish(0.0)


if __name__ == "__main__":
    main()
