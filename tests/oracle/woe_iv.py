"""SecretFlow's VertWoeBinning; alice, who has the label, writes the IV of every feature."""

from pathlib import Path
from typing import Any

import numpy as np
import secretflow as sf

from benchmarks.plain._secretflow import finish, start
from benchmarks.plain.woe_iv import fit


def main() -> None:
    devices = start()
    work = devices.work
    devices.work["input"] = work["train"]
    rules = fit(devices, work["params"]["bin_num"])
    sf.wait(devices.alice(_save)(Path(work["predictions"]), rules[devices.alice]))
    finish(0.0)


def _save(path: Path, rules: Any) -> None:
    ivs = {feature["name"]: feature["feature_iv"] for feature in rules["feature_iv_info"]}
    np.save(path, [ivs[name] for name in sorted(ivs)])


if __name__ == "__main__":
    main()
