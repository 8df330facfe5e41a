"""What the probe does on the HEU: sums of encrypted numbers, each side of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from secretflow_worker.tasks import Parties

if TYPE_CHECKING:
    from tests.engine.plugin.engine_probe import ProbeConfig, act, register
    from tests.engine.plugin.heu_table import BUCKETS, FEATURES, ROWS, SLOT_BITS, numbers, table
else:
    from engine_probe import ProbeConfig, act, register
    from heu_table import BUCKETS, FEATURES, ROWS, SLOT_BITS, numbers, table

register("heu_probe", link=True, devices=("heu",))


@act
def heu_sums(parties: Parties, config: ProbeConfig) -> Any:
    """Every party but the keeper adds up by its own table and opens to the keeper."""
    heu = parties.heu
    others = [party for party in parties.names if party != heu.keeper]
    is_keeper = parties.me == heu.keeper
    values = heu.encrypt(numbers() if is_keeper else None, ROWS, others)
    count = FEATURES * BUCKETS
    order = list(reversed(range(count)))
    if is_keeper:
        return {
            party: [
                heu.open(None, None, party, count, SLOT_BITS),
                heu.open(None, None, party, 1, heu.room_bits),
            ]
            for party in others
        }
    members, bins = table(parties.rank)
    sums = heu.bucket_sums(values, members, bins, BUCKETS)
    nobody = heu.bucket_sums(values, np.zeros(ROWS, bool), bins, BUCKETS)
    heu.open(sums, order, parties.me, count, SLOT_BITS)
    heu.open(nobody, [0], parties.me, 1, heu.room_bits)
    return len(sums)


@act
def heu_open(parties: Parties, config: ProbeConfig) -> Any:
    """The keeper opens three sums of bob; bob adds up two numbers of the keeper, each alone."""
    heu = parties.heu
    if parties.me == heu.keeper:
        heu.encrypt([5, -7], 2, ["bob"])
        return heu.open(None, None, "bob", 3, 64)
    values = heu.encrypt(None, 2, [parties.me])
    bins = np.array([[0], [2]], np.int8)
    sums = heu.bucket_sums(values, np.ones(2, bool), bins, 3)
    return heu.open(sums, [0, 1, 2], parties.me, 3, 64)


@act
def arrays(parties: Parties, config: ProbeConfig) -> Any:
    """Alice hears bob's array: ``options: {dtype, shape}`` is what she expects."""
    if parties.me == "alice":
        return parties.receive("bob", config.options["dtype"], config.options["shape"]).tolist()
    parties.send("alice", np.asarray(config.options["value"], config.options["dtype"]))
    return None
