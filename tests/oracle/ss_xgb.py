"""SecretFlow's Xgb (SS-XGB), trained and predicting to alice."""

from secretflow.ml.boost.ss_xgb_v import Xgb

from benchmarks.plain._secretflow import finish, start
from tests.oracle.tables import read, write


def main() -> None:
    devices = start()
    features, label = read(devices, "train")
    model = Xgb(devices.spu).train(dict(devices.work["params"]), features, label)
    rows, _ = read(devices, "test")
    write(devices, model.predict(rows, to_pyu=devices.alice))
    finish(0.0)


if __name__ == "__main__":
    main()
