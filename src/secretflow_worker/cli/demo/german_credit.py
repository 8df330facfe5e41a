"""German Credit split between a bank and a retailer, as two organisations would hold it.

The bank has the label and what concerns the account and the loan, the retailer what concerns
the person. Both know the applicants by the same number, under a name of their own; each side
is in an order of its own and lacks some of the applicants.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SEED = 1994
MISSING_ROWS = 70
"""How many of the 1,000 applicants each side does not know."""

BANK = "bank"
RETAILER = "retailer"
LABEL = "y"
IDS = {BANK: "customer_id", RETAILER: "member_id"}

CATEGORICAL = {
    BANK: [
        "status_of_existing_checking_account",
        "credit_history",
        "purpose",
        "savings_account_and_bonds",
        "other_debtors_or_guarantors",
        "other_installment_plans",
    ],
    RETAILER: [
        "present_employment_since",
        "personal_status_and_sex",
        "property",
        "housing",
        "job",
        "telephone",
        "foreign_worker",
    ],
}
NUMERIC = {
    BANK: [
        "duration_in_month",
        "credit_amount",
        "installment_rate_in_percentage_of_disposable_income",
        "number_of_existing_credits_at_this_bank",
    ],
    RETAILER: [
        "present_residence_since",
        "age_in_years",
        "number_of_people_being_liable_to_provide_maintenance_for",
    ],
}


@dataclass(frozen=True)
class Table:
    """One party's file."""

    path: Path
    rows: int
    columns: tuple[str, ...]


def split(folder: Path) -> dict[str, Table]:
    """Write ``bank/credit.csv`` and ``retailer/persons.csv`` below `folder`; always the same."""
    import numpy as np
    import polars as pl

    random = np.random.default_rng(SEED)
    applicants = pl.read_csv(source())
    numbers = random.choice(90_000_000, size=applicants.height, replace=False) + 10_000_000
    applicants = applicants.with_columns(
        pl.Series("id", numbers),
        (pl.col("creditability") == "bad").cast(pl.Int8).alias(LABEL),
    )
    tables = {}
    for party, name in ((BANK, "credit.csv"), (RETAILER, "persons.csv")):
        known = random.permutation(applicants.height)[MISSING_ROWS:]
        label = [LABEL] if party == BANK else []
        columns = [*CATEGORICAL[party], *NUMERIC[party], *label]
        table = applicants[known].select(pl.col("id").alias(IDS[party]), *columns)
        path = folder / party / name
        path.parent.mkdir(parents=True, exist_ok=True)
        table.write_csv(path)
        tables[party] = Table(path, table.height, tuple(table.columns))
    return tables


def source() -> Path:
    """Return the whole table: beside this file where installed, in ``examples`` in a clone."""
    name = "german_credit.csv"
    installed = Path(__file__).with_name(name)
    if installed.exists():
        return installed
    return Path(__file__).parents[4] / "examples" / "german_credit" / name
