"""Private set intersection: which rows the parties have in common, by key.

1. Each party reads its key columns, refuses missing and repeated keys, and encodes each row's
   keys as one word (so that no quoting can differ from party to party).
2. libspu intersects the words on the task's link. Only the receiver, or every party with
   ``broadcast_result``, learns which of its own rows are common.
3. A party that learns them writes them out. Where every party does, they are sorted by key:
   row *i* of every party's output is the same entity.

Protocols: ECDH (Meadows 1986), KKRT (Kolesnikov et al. 2016), RR22 (Raghuraman, Rindal 2022).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import Field

from secretflow_worker.contract.errors import ConfigError, InputError
from secretflow_worker.contract.names import PartyName
from secretflow_worker.tasks._config import (
    ColumnUse,
    Config,
    PartyColumns,
    PartyInputs,
    PartyOutputs,
    Receives,
    Report,
    Result,
)
from secretflow_worker.tasks._marks import DeclaredReceiver
from secretflow_worker.tasks._parties import Parties, PsiProtocol
from secretflow_worker.tasks._task import Learns, TaskDispatcher

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

JoinType = Literal["inner", "left", "right", "full"]
_KEY_LIMIT_BYTES = 64 * 2**10
"""libspu's CSV reader fails on lines of a megabyte."""
_TWO_PARTY: dict[str, PsiProtocol] = {"KKRT": "KKRT", "RR22": "RR22", "ECDH": "ECDH"}
_THREE_PARTY: dict[str, PsiProtocol] = {
    "ECDH": "ECDH_3PC",
    "ECDH_3PC": "ECDH_3PC",
    "ECDH_NPC": "ECDH_NPC",
    "KKRT_NPC": "KKRT_NPC",
}


class PsiConfig(Config):
    """``task_config`` of ``psi``."""

    keys: Annotated[PartyColumns, ColumnUse.KEY] = Field(
        description="Each party's key columns; they match by position and byte for byte."
    )
    input_paths: PartyInputs = Field(description="Each party's table.")
    output_paths: PartyOutputs = Field(
        description="Where each party that learns the intersection writes its rows of it."
    )
    receiver: Annotated[PartyName | None, Receives.INTERSECTION] = Field(
        default=None, description="The party that learns the intersection; none means every party."
    )
    broadcast_result: bool = Field(
        default=False, description="Let every party learn the intersection, as training needs."
    )
    protocol: Annotated[str | None, ColumnUse.NONE] = Field(
        default=None,
        description="KKRT_PSI_2PC (default), RR22_PSI_2PC, ECDH_PSI_2PC for two parties; "
        "ECDH_PSI_3PC (default), ECDH_PSI_NPC, KKRT_PSI_NPC for three.",
    )
    join_type: JoinType = Field(
        default="inner",
        description="Beside inner: rows of one side (left, right) or both (full) that have no "
        "match follow the matches, and the other party gets empty rows there. Two parties only; "
        "every party learns the result.",
    )
    left_side: Annotated[PartyName | None, Receives.NOTHING] = Field(
        default=None, description="The left party of an outer join; the receiver by default."
    )
    sort: bool = Field(
        default=False,
        description="Sort the rows by key. A sole receiver's rows are in the order of its table "
        "otherwise; where every party gets rows they are sorted anyway, to be aligned.",
    )

    def check(self, parties: tuple[str, ...]) -> None:
        """See ``Config.check``."""
        for name in ("keys", "input_paths", "output_paths"):
            missing = sorted(set(parties) - set(getattr(self, name)))
            if missing and not (name == "output_paths" and not self.learners(missing)):
                raise ConfigError(f"task_config.{name}: party {missing[0]} is missing")
        unknown = sorted(set(self.keys) - set(parties))
        if unknown:
            raise ConfigError(f"task_config.keys: {unknown[0]!r} is not a party of this task")
        if len({len(columns) for columns in self.keys.values()}) != 1:
            raise ConfigError("task_config.keys: every party must name as many columns")
        for party, columns in self.keys.items():
            if len(set(columns)) != len(columns):
                raise ConfigError(f"task_config.keys.{party}: a column is named twice")
        for name in ("receiver", "left_side"):
            party = getattr(self, name)
            if party is not None and party not in parties:
                raise ConfigError(f"task_config.{name}: {party!r} is not a party of this task")
        self.psi_protocol(len(parties))
        if self.join_type != "inner":
            self._check_outer(parties)

    def _check_outer(self, parties: tuple[str, ...]) -> None:
        if len(parties) != 2:
            raise ConfigError("task_config.join_type: outer joins are for two parties")
        if self.receiver is not None and not self.broadcast_result:
            raise ConfigError(
                f"task_config.join_type: a {self.join_type} join gives both parties rows; "
                "set broadcast_result"
            )
        if self.join_type != "full" and self.left_side is None and self.receiver is None:
            raise ConfigError("task_config.left_side: required field is missing for this join")

    def declared_receivers(self, parties: tuple[str, ...]) -> Iterator[DeclaredReceiver]:
        """See ``Config.declared_receivers``."""
        for party in self.learners(parties):
            yield DeclaredReceiver("receiver", Receives.INTERSECTION, party)

    def learners(self, parties: list[str] | tuple[str, ...]) -> list[str]:
        """Return which of `parties` learn the intersection."""
        if self.broadcast_result or self.receiver is None:
            return list(parties)
        return [party for party in parties if party == self.receiver]

    def psi_protocol(self, count: int) -> PsiProtocol:
        """Return the protocol that runs; accepts SecretFlow's names and the older ones."""
        known = _TWO_PARTY if count == 2 else _THREE_PARTY
        asked = (self.protocol or ("KKRT" if count == 2 else "ECDH_3PC")).upper()
        short = asked.removeprefix("PROTOCOL_").replace("_PSI", "").removesuffix("_2PC")
        if short not in known:
            raise ConfigError(
                f"task_config.protocol: {asked[:32]} does not run among {count} parties; one of "
                + ", ".join(sorted(known))
            )
        return known[short]

    def protocol_name(self, count: int) -> str:
        """Return the protocol's name as the result shows it."""
        return self.protocol or ("KKRT_PSI_2PC" if count == 2 else "ECDH_PSI_3PC")

    def padded_sides(self) -> set[str]:
        """Return which sides, left or right, keep rows without a match."""
        return {"inner": set(), "full": {"left", "right"}}.get(self.join_type, {self.join_type})


class PsiReport(Report):
    original_count: int
    intersection_count: int
    wrote_output: bool


class PartyCount(Result):
    """``intersection_count`` is -1 at a party that does not learn it."""

    party: str
    original_count: int
    intersection_count: int


class PsiResult(Result):
    intersection_count: int = Field(description="-1 where this worker's parties do not learn it.")
    output_paths: dict[str, str]
    psi_protocol: str
    reports: list[PartyCount]
    receiver: str | None
    parties: list[str]


def _learns_rows(config: PsiConfig, party: str) -> bool:
    return bool(config.learners([party]))


@TaskDispatcher.register(
    "psi",
    version=1,
    summary="Find the rows that the parties have in common, by key.",
    group="Intersect",
    config=PsiConfig,
    report=PsiReport,
    result=PsiResult,
    parties=(2, 3),
    learns=[
        Learns("every party", "the number of rows", "each party's input"),
        Learns(
            "the receiver, or every party with broadcast_result",
            "which of its own keys are in the intersection",
            "every other party's keys",
            disclosed=_learns_rows,
        ),
        Learns(
            "every party",
            "the size of the intersection of two of the parties",
            "their keys",
            when="three parties over ECDH",
            disclosed=lambda config, party: len(config.keys) == 3,
        ),
        Learns(
            "every party",
            "how many rows of the other have no match",
            "the other party's keys",
            when="join_type is not inner",
            disclosed=lambda config, party: config.join_type != "inner",
        ),
        Learns(
            "sender of the request",
            "the number of rows, and of those in the intersection where it is learned",
            "each party of the worker that answers",
            outside=True,
        ),
    ],
    example={
        "task_type": "psi",
        "keys": {"alice": ["uid"], "bob": ["uid"]},
        "input_paths": {"alice": "/app/data/alice.csv", "bob": "/app/data/bob.csv"},
        "output_paths": {
            "alice": "/app/data/alice_psi_out.csv",
            "bob": "/app/data/bob_psi_out.csv",
        },
        "receiver": "alice",
        "broadcast_result": True,
        "protocol": "KKRT_PSI_2PC",
    },
)
def run(parties: Parties, config: PsiConfig) -> PsiReport:
    """Intersect, and write this party's rows if it may know them."""
    encoded, original_count = _write_keys(parties, config)
    common = parties.scratch("common.csv")
    receiver = None if len(config.learners(parties.names)) > 1 else config.receiver
    count = parties.intersect(encoded, common, config.psi_protocol(len(parties.names)), receiver)
    learns = parties.me in config.learners(parties.names)
    if learns:
        _write_rows(parties, config, common)
    return PsiReport(original_count=original_count, intersection_count=count, wrote_output=learns)


@run.combine
def combine(config: PsiConfig, reports: Mapping[str, PsiReport]) -> PsiResult:
    """Put the reports of this worker's parties side by side."""
    return PsiResult(
        intersection_count=max(report.intersection_count for report in reports.values()),
        output_paths={
            party: config.output_paths[party]
            for party, report in reports.items()
            if report.wrote_output
        },
        psi_protocol=config.protocol_name(len(config.keys)),
        reports=[
            PartyCount(
                party=party,
                original_count=report.original_count,
                intersection_count=report.intersection_count,
            )
            for party, report in reports.items()
        ],
        receiver=config.receiver,
        parties=list(config.keys),
    )


def _write_keys(parties: Parties, config: PsiConfig) -> tuple[Path, int]:
    """Check this party's keys, and write them for libspu: ``key`` (encoded) and ``row``.

    A key of plain characters stands for itself; any other is ``=`` and its bytes in base64, so
    that the words are the same at every party and different for different keys. Streams.
    """
    import polars as pl

    from secretflow_worker.tasks import _tables
    from secretflow_worker.tasks._cells import cell, text

    path = parties.input(config.input_paths[parties.me])
    columns = config.keys[parties.me]
    _tables.require_columns(path, columns, f"keys.{parties.me}")
    frame = _tables.scan(path)
    schema = frame.collect_schema()
    if parties.me in config.learners(parties.names):
        output = parties.stage(config.output_paths[parties.me])
        _tables.require_writable(schema, output, source=path)
    table = frame.select(text(path, column, schema[column]) for column in columns)
    missing = [(cell(column).is_null() | (cell(column) == "")) for column in columns]
    word = pl.concat_str([cell(column) for column in columns], separator="\x1f")
    is_too_long = word.str.len_bytes() > _KEY_LIMIT_BYTES
    is_plain = word.str.contains(r"^[A-Za-z0-9_.:@-]+$")
    facts = _tables.collect(
        table.select(
            word.hash().alias("hash"),
            is_plain.alias("is plain"),
            is_too_long.any().alias("too long"),
            *(gap.alias(f"missing {index}") for index, gap in enumerate(missing)),
        ),
        path,
    )
    if facts.height == 0:
        raise InputError(f"{config.input_paths[parties.me]} has a header and no rows")
    for index, column in enumerate(columns):
        if facts.get_column(f"missing {index}").any():
            raise InputError(
                f"key column {column!r} has rows without a key",
                hint="Leave those rows out, or choose another key.",
            )
    if facts.get_column("too long").any():
        raise InputError(
            f"key column {', '.join(map(repr, columns))} has keys of more than "
            f"{_KEY_LIMIT_BYTES} bytes",
            hint="Choose a shorter key.",
        )
    hashes = facts.get_column("hash").sort()  # equal hashes are rare: only then compare the keys
    if (hashes == hashes.shift(1)).any() and _tables.collect(
        table.select(word.is_duplicated().any()), path
    ).item():
        raise InputError(
            f"key column {', '.join(map(repr, columns))} has the same key more than once",
            hint="Keep one row per key, or add a column that tells the rows apart.",
        )
    if not facts.get_column("is plain").all():
        word = pl.when(is_plain).then(word).otherwise("=" + word.str.encode("base64"))
    encoded = parties.scratch("keys.csv")
    rows = table.select(word.alias("key")).with_row_index("row").select("key", "row")
    _tables.write(rows, encoded, source=path)
    return encoded, facts.height


def _write_rows(parties: Parties, config: PsiConfig, common: Path) -> None:
    """Write this party's rows: the matches, then what an outer join adds.

    The matches come in the order of this party's table. Where several parties learn them they
    are sorted by key, so that every party's rows are in the same order.
    """
    import polars as pl

    from secretflow_worker.tasks import _tables
    from secretflow_worker.tasks._cells import cell

    path = parties.input(config.input_paths[parties.me])
    found = pl.read_csv(common, columns=["row"], schema_overrides={"row": pl.UInt32})
    output = parties.stage(config.output_paths[parties.me])
    table = _tables.collect(_tables.scan(path), path)
    matches = pl.repeat(False, table.height, eager=True).scatter(found["row"], True)
    rows = table.filter(matches)
    if config.sort or len(config.learners(parties.names)) > 1:
        rows = rows.sort(cell(column).cast(pl.String) for column in config.keys[parties.me])
    if config.join_type != "inner":
        rows = _with_unmatched(parties, config, rows, table.filter(~matches))
    _tables.write(rows, output)


def _with_unmatched(
    parties: Parties, config: PsiConfig, rows: pl.DataFrame, unmatched: pl.DataFrame
) -> pl.DataFrame:
    """Append the rows without a match: the own ones, and empty ones for the other party's."""
    import polars as pl

    counts = parties.exchange(unmatched.height)
    left = config.left_side or config.receiver or parties.names[0]
    order = sorted(parties.names, key=lambda party: party != left)
    for side, party in zip(("left", "right"), order, strict=True):
        if side in config.padded_sides():
            added = unmatched if party == parties.me else unmatched.clear(counts[party])
            rows = pl.concat([rows, added])
    return rows
