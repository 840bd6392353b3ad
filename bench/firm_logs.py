"""Heavy-tailed logs of a large firm, written to Parquet in chunks, as input for the benchmarks.

    python bench/firm_logs.py FOLDER --rows 10000000 --ids text

There are 25,000 people in 12 functions. Everyone has a list of contacts. The probabilities of the sender and of the contact both fall as
a power of the rank, so a few pairs make up much of the log. Seeds are fixed: the same arguments give the same rows.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

PEOPLE, FUNCTIONS, CONTACTS = 25_000, 12, 60
CHUNK = 5_000_000
CHANNELS = ("mail", "chat", "meeting")
START, SPAN = 1_735_689_600_000_000, 364 * 86_400_000_000  # 2025-01-01 UTC, in microseconds


def ids_of(kind: str) -> Any:
    """The ids: whole numbers, or text such as `anna.00042@example.org`."""
    numbers = np.arange(PEOPLE, dtype=np.int64)
    return numbers if kind == "integer" else np.array([f"person.{n:06d}@firm.example" for n in numbers], dtype=object)


def people_of(kind: str) -> dict[str, list[Any]]:
    """The people table."""
    functions = [f"Function {place % FUNCTIONS + 1}" for place in range(PEOPLE)]
    functions = ["Sales" if name == "Function 1" else "Marketing" if name == "Function 2" else name for name in functions]
    return {"person": [str(value) for value in ids_of(kind)], "function": functions}


def _chances(size: int, shift: float) -> Any:
    falling = np.cumsum((np.arange(size) + shift) ** -0.8)
    return falling / falling[-1]


def write_log(path: Path, rows: int, kind: str, seed: int = 1) -> Path:
    """One Parquet file with the columns time, source, target, channel, size."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    rng = np.random.default_rng(seed)
    people = rng.permutation(PEOPLE)
    contacts = (np.arange(PEOPLE)[:, None] + rng.integers(1, PEOPLE, (PEOPLE, CONTACTS))) % PEOPLE
    writes, picks = _chances(PEOPLE, 50.0), _chances(CONTACTS, 1.0)
    ids = pa.array(ids_of(kind))
    path.parent.mkdir(parents=True, exist_ok=True)
    writer = None
    for start in range(0, rows, CHUNK):
        n = min(CHUNK, rows - start)
        source = people[np.searchsorted(writes, rng.random(n))]
        target = contacts[source, np.searchsorted(picks, rng.random(n))]
        turned = rng.random(n) < 0.4  # answers
        source, target = np.where(turned, target, source), np.where(turned, source, target)
        channel = rng.choice(3, n, p=(0.5, 0.3, 0.2))
        size = np.where(channel == 2, 2 + np.minimum(rng.geometric(0.2, n), 78), 2)
        table = pa.table(
            {
                "time": pa.array(START + (np.arange(start, start + n) * (SPAN / rows)).astype(np.int64), pa.timestamp("us", tz="UTC")),
                "source": ids.take(pa.array(source)),
                "target": ids.take(pa.array(target)),
                "channel": pa.DictionaryArray.from_arrays(pa.array(channel.astype(np.int8)), list(CHANNELS)).cast(pa.string()),
                "size": pa.array(size.astype(np.int16)),
            }
        )
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=500_000)
    if writer:
        writer.close()
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--ids", choices=("integer", "text"), default="integer")
    given = parser.parse_args()
    write_log(given.folder / f"log_{given.rows}_{given.ids}.parquet", given.rows, given.ids)
