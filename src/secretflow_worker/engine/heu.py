"""The HEU as a party program uses it: encrypt at the keeper, add up anywhere, open to the keeper.

sf-heu is imported here, and this module only in a party that uses it: after the fork, so that
no two parties begin with the same state of its random generator.

Its calls hold Python's lock. They are made in blocks, between which the party's other threads
hear of a peer's end or tell of their own.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
from heu import numpy as heu_numpy
from heu import phe

from secretflow_worker.broker.tracebacks import traceback_of
from secretflow_worker.contract.errors import InternalError, PeerLost
from secretflow_worker.engine.frames import Frame, FrameError, Kind
from secretflow_worker.engine.heu_numbers import (
    SCHEMAS,
    PublicKey,
    blocks,
    encode_numbers,
    key_frame,
    key_of_frame,
    read_key,
)
from secretflow_worker.engine.link import Link
from secretflow_worker.engine.spec import HeuSpec
from secretflow_worker.tasks._parties import Array

_log = logging.getLogger(__name__)

_BLOCK = 4096
"""Ciphertexts per frame and per call of sf-heu: about a megabyte, and a quarter of a second."""


@dataclass(frozen=True)
class Encrypted:
    """Implements ``tasks.Ciphertexts``: sf-heu's columns, one after the other."""

    columns: tuple[Any, ...]

    def __len__(self) -> int:
        return sum(int(column.rows) for column in self.columns)


class HeuRuntime:
    """Implements ``tasks.Heu`` on a link."""

    def __init__(self, link: Link, spec: HeuSpec) -> None:
        """Make the keys at the keeper, and tell every party the public one.

        Raises:
            PeerLost: the keeper told what is no such key.
        """
        self.keeper = spec.keeper
        self._link = link
        self._me = link.parties[link.rank]
        self._decryptor: Any = None
        if self._me == self.keeper:
            kit = heu_numpy.setup(SCHEMAS[spec.schema_name], spec.key_bits)
            self._decryptor = kit.decryptor()
            self._key = read_key(kit.public_key(), spec.schema_name, spec.key_bits)
            for party in link.parties:
                if party != self._me:
                    link.send(party, key_frame(self._key))
        else:
            self._key = self._receive_key(spec)
            with self._blaming(self.keeper):
                kit = heu_numpy.setup(self._key.load())
        self._encryptor, self._evaluator = kit.encryptor(), kit.evaluator()
        self._encoder = phe.BigintEncoder(SCHEMAS[spec.schema_name])

    @property
    def room_bits(self) -> int:
        """See ``tasks.Heu.room_bits``."""
        return self._key.room_bits

    def encrypt(
        self, values: Sequence[int] | None, count: int, to: Sequence[str]
    ) -> Encrypted | None:
        """See ``tasks.Heu.encrypt``."""
        if self._me == self.keeper:
            if values is None or len(values) != count:
                raise TypeError("the keeper has to give the values")
            for block in blocks(count, _BLOCK):
                body = self._key.dump_ciphertexts(self._encrypt(values[block]))
                for party in to:
                    self._link.send(party, Frame(Kind.CIPHERTEXTS, {}, body))
            return None
        if self._me not in to:
            return None
        return Encrypted(
            tuple(
                self._receive(self.keeper, block.stop - block.start)
                for block in blocks(count, _BLOCK)
            )
        )

    def bucket_sums(
        self, values: Encrypted, members: Array, bins: Array, buckets: int
    ) -> Encrypted:
        """See ``tasks.Heu.bucket_sums``."""
        total, start = None, 0
        for column in values.columns:
            rows = slice(start, start + column.rows)
            start = rows.stop
            if not members[rows].any():
                continue
            with self._blaming(self.keeper):
                sums = self._evaluator.batch_feature_wise_bucket_sum(
                    column,
                    [np.ascontiguousarray(members[rows], dtype=np.int8)],
                    np.ascontiguousarray(bins[rows], dtype=np.int8),
                    buckets,
                    True,
                )[0]
                total = sums if total is None else self._evaluator.add(total, sums)
        if total is None:
            total = self._encrypt([0] * (bins.shape[1] * buckets))
        return Encrypted((total,))

    def open(
        self,
        values: Encrypted | None,
        order: Sequence[int] | None,
        owner: str,
        count: int,
        slot_bits: int,
    ) -> list[int] | None:
        """See ``tasks.Heu.open``."""
        per = self._key.room_bits // slot_bits
        if per < 1:
            raise InternalError(f"{slot_bits} bits do not fit in a plaintext of the HEU")
        rows = -(-count // per)
        if self._me == owner:
            if values is None or order is None or len(order) != count:
                raise TypeError("the owner of sums has to give them")
            self._send_packed(values, order, rows, per, slot_bits)
            return None
        packed = []
        for block in blocks(rows, _BLOCK):
            column = self._receive(owner, block.stop - block.start)
            with self._blaming(owner):
                opened = self._decryptor.decrypt(column).to_numpy(self._encoder)
            packed += [int(number) for number in opened[:, 0]]
        return _unpack(packed, count, slot_bits)

    def _send_packed(
        self, values: Encrypted, order: Sequence[int], rows: int, per: int, slot_bits: int
    ) -> None:
        """Send sums, `per` to a ciphertext, each in a slot of its own: the k-th lies in
        ciphertext ``k % rows``, slot ``k // rows``. A zero that is encrypted here is added, so
        that a ciphertext says nothing of which ones it is the sum of.
        """
        (column,) = values.columns
        padded = [*map(int, order), *[int(order[0])] * (rows * per - len(order))]
        for block in blocks(rows, _BLOCK):
            size = block.stop - block.start
            shift = encode_numbers([1 << slot_bits] * size, self._encoder)
            total = None
            with self._blaming(self.keeper):
                for slot in reversed(range(per)):
                    start = slot * rows
                    part = column[padded[start + block.start : start + block.stop], :]
                    if total is not None:
                        part = self._evaluator.add(self._evaluator.mul(total, shift), part)
                    total = part
                total = self._evaluator.add(total, self._encrypt([0] * size))
            body = self._key.dump_ciphertexts(total)
            self._link.send(self.keeper, Frame(Kind.CIPHERTEXTS, {}, body))

    def _encrypt(self, values: Sequence[int]) -> Any:
        return self._encryptor.encrypt(encode_numbers(values, self._encoder))

    def _receive(self, sender: str, count: int) -> Any:
        body = self._link.receive(sender, Kind.CIPHERTEXTS).body
        try:
            self._key.check(body, count)
        except FrameError as fault:
            raise _not_in_protocol(sender, fault) from None
        with self._blaming(sender):
            return self._key.load_ciphertexts(body)

    def _receive_key(self, spec: HeuSpec) -> PublicKey:
        frame = self._link.receive(self.keeper, Kind.KEY)
        try:
            return key_of_frame(frame, spec.schema_name, spec.key_bits)
        except FrameError as fault:
            raise _not_in_protocol(self.keeper, fault) from None

    @contextmanager
    def _blaming(self, sender: str) -> Iterator[None]:
        """Take it for the sender's fault where sf-heu cannot compute with its numbers."""
        try:
            yield
        except (RuntimeError, ValueError) as fault:
            _log.error("numbers that the HEU refuses\n%s", traceback_of(fault))
            raise _not_in_protocol(sender, "numbers that are no ciphertexts") from None


def _unpack(packed: Sequence[int], count: int, slot_bits: int) -> list[int]:
    """Return the signed numbers that lie in the slots, slot after slot."""
    numbers: list[int] = []
    rest = list(packed)
    half, mask = 1 << (slot_bits - 1), (1 << slot_bits) - 1
    while len(numbers) < count:
        slot = [((number + half) & mask) - half for number in rest]
        rest = [(number - low) >> slot_bits for number, low in zip(rest, slot, strict=True)]
        numbers += slot
    return numbers[:count]


def _not_in_protocol(sender: str, fault: object) -> PeerLost:
    return PeerLost(f"party {sender} sent what is not in the protocol: {fault}", party=sender)
