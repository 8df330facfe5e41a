"""What a party tells of itself when asked, as far as its policy shares it; never a row.

::

    sharing.sharing_of(settings, party) ──▶ Sharing: what may be told
                                   ├──▶ tables.list_tables        names, columns, row counts
                                   ├──▶ saved.describe_saved      what models and rules files are
                                   ├──▶ reports.describe_report   first figures and charts
                                   ├──▶ log_lines.read_lines      what was logged of one execution
                                   └──▶ fingerprints.Fingerprints whether files have changed
"""

from secretflow_worker.engine.offers.fingerprints import Fingerprints
from secretflow_worker.engine.offers.log_lines import read_lines
from secretflow_worker.engine.offers.named_by_values import NamedByValues
from secretflow_worker.engine.offers.reports import describe_report
from secretflow_worker.engine.offers.saved import describe_saved
from secretflow_worker.engine.offers.sharing import Sharing, sharing_of
from secretflow_worker.engine.offers.tables import Tables

__all__ = [
    "Fingerprints",
    "NamedByValues",
    "Sharing",
    "Tables",
    "describe_report",
    "describe_saved",
    "read_lines",
    "sharing_of",
]
