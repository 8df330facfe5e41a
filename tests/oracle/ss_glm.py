"""SecretFlow's SSGLM by IRLS, trained and predicting to alice."""

from secretflow.ml.linear.ss_glm import SSGLM

from benchmarks.plain._secretflow import finish, start
from tests.oracle.tables import read, write


def main() -> None:
    devices = start()
    features, label = read(devices, "train")
    model = SSGLM(devices.spu)
    model.fit_irls(features, label, None, None, **devices.work["params"])
    rows, _ = read(devices, "test")
    write(devices, model.predict(rows, to_pyu=devices.alice))
    finish(0.0)


if __name__ == "__main__":
    main()
