"""Write the sample firm: `make samples`. The same seed gives the same files."""

import gzip
from pathlib import Path

from tienet.cli.firms import STUDY_TOML, write_firm_tables
from tienet.study.simulate.firm import simulate_firm

HERE = Path(__file__).parent
write_firm_tables(simulate_firm(n_people=240, seed=3), HERE)

# The log is by far the largest table; packed without a time stamp it stays the same file for the same rows.
plain = HERE / "log.csv"
(HERE / "log.csv.gz").write_bytes(gzip.compress(plain.read_bytes(), mtime=0))
plain.unlink()

study = STUDY_TOML.format(folder="results").replace("data/", "").replace('"log.csv" ', '"log.csv.gz"')
(HERE / "study.toml").write_text(study, encoding="utf-8")
