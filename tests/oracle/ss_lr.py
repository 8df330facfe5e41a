"""SecretFlow's SSRegression, trained and predicting to alice with the sigmoid of its training."""

from secretflow.ml.linear import SSRegression

from benchmarks.plain._secretflow import finish, start
from tests.oracle.tables import read, write


def main() -> None:
    devices = start()
    params = devices.work["params"]
    features, label = read(devices, "train")
    model = SSRegression(devices.spu)
    model.fit(features, label, sig_type="t1", reg_type="logistic", eps=0.0, **params)
    rows, _ = read(devices, "test")
    write(devices, model.predict(rows, to_pyu=devices.alice))
    finish(0.0)


if __name__ == "__main__":
    main()
