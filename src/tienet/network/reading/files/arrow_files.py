"""Arrow and Feather files, read by PyArrow or Polars, whichever is installed."""

from __future__ import annotations

import errno
from importlib.util import find_spec
from pathlib import Path

from tienet.base.errors import DataError
from tienet.network.reading.files.job import lacks_room, unreadable
from tienet.network.reading.files.kinds import ARROW, Kind


def arrow_as_parquet(name: str, kind: Kind, place: str) -> None:
    """Write an Arrow or Feather file to a Parquet file, a batch at a time.

    Raises
    ------
    DataError
        The file is damaged, or neither PyArrow nor Polars is installed.
    """
    if not find_spec("pyarrow") and not find_spec("polars"):
        raise DataError(
            f"cannot read {Path(name).name!r}: an Arrow file needs pyarrow or polars; install one of them, or write it as Parquet"
        )
    try:
        _by_pyarrow(name, kind, place) if find_spec("pyarrow") else _by_polars(name, kind, place)
    except (DataError, MemoryError, KeyboardInterrupt, SystemExit):
        raise
    except BaseException as problem:  # Polars and PyArrow have no common kind of error, and a panic of Polars is no Exception
        if lacks_room(problem):
            raise unreadable((name,), OSError(errno.ENOSPC, "")) from None
        raise DataError(
            f"cannot read {Path(name).name!r}: it is not readable as {kind.name}, and may be damaged or incomplete, or hold types that "
            "Parquet lacks; write it as Parquet"
        ) from None


def _by_pyarrow(name: str, kind: Kind, place: str) -> None:
    import pyarrow as pa
    import pyarrow.parquet as parquet

    with pa.memory_map(name) as source:
        reader = pa.ipc.open_file(source) if kind is ARROW else pa.ipc.open_stream(source)
        batches = (reader.get_batch(at) for at in range(reader.num_record_batches)) if kind is ARROW else reader
        with parquet.ParquetWriter(place, reader.schema) as writer:
            for batch in batches:
                batch.validate(full=True)  # damaged batches would crash the writer
                writer.write_batch(batch)


def _by_polars(name: str, kind: Kind, place: str) -> None:
    import polars as pl

    with Path(name).open("rb") as handle:
        (pl.read_ipc(handle) if kind is ARROW else pl.read_ipc_stream(handle)).write_parquet(place)
