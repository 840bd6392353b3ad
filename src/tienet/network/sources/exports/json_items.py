"""Read the JSON files of an export: whole, or value by value in flat memory."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from typing import Any

from tienet.base.errors import DataError
from tienet.network.sources.exports.files import ExportFile
from tienet.network.sources.exports.tables import text_of

LARGEST = 1 << 29  # bytes of a file that is held whole
LONGEST_LINE = 1 << 26  # bytes of a line of a file with a value per line
PIECE = 1 << 16
SMALL = 1 << 22  # bytes of a file that is parsed at once, which is several times as fast
DEEPEST = 100  # levels: those of the systems nest less than twenty


def document(file: ExportFile) -> Any:
    """The value of a JSON file.

    Raises
    ------
    DataError
        The file is no JSON, ends too early, is nested too deeply, or is larger than 512 MB.
    """
    with file.open() as stream:
        held = _up_to(stream, LARGEST + 1)
    if len(held) > LARGEST:
        raise DataError(f"file {file.number:,} of the export is larger than {LARGEST >> 20} MB; split the export into parts")
    return _parsed(held, file)


def items(file: ExportFile, *prefixes: str) -> Iterator[tuple[str, Any]]:
    """The values at prefixes such as ``"value.item"`` or ``"item"``, in the order of the file, each with its prefix.

    A prefix that ends in ``.*``, such as ``"events.*"``, means every value of a mapping, whatever its key. Memory holds one value at a
    time, or a file of up to 4 MB.

    Raises
    ------
    DataError
        The file is no JSON, ends too early, or is nested too deeply.
    """
    import ijson

    wanted = frozenset(prefixes)
    inside = tuple(prefix.removesuffix("*") for prefix in prefixes if prefix.endswith(".*"))
    with file.open() as stream:
        first = _up_to(stream, SMALL + 1)
        if len(first) <= SMALL:
            try:
                whole = _parsed(first, file)
            except DataError:
                pass  # where it is broken, or how deep it is, is told below
            else:
                yield from _inside(whole, "", wanted, inside)
                return
        head = _without_mark(_Joined(first, stream))
        try:
            yield from _streamed(head, file, wanted, inside)
        except (ijson.JSONError, UnicodeDecodeError):
            raise _broken(file) from None


def _streamed(stream: Any, file: ExportFile, wanted: frozenset[str], inside: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """The wanted values of a stream.

    Prefixes are kept here, not by ijson: it writes those of a whole buffer ahead, which takes minutes if they are nested deeply.
    """
    import ijson

    above: list[str] = []  # of each open container, the prefix of the values in it; a mapping's changes with its keys
    builder, prefix, depth = None, "", 0
    for event, value in ijson.basic_parse(stream, use_float=True):
        if event in ("start_map", "start_array"):
            depth += 1
            if depth > DEEPEST:
                raise _too_deep(file)
        elif event in ("end_map", "end_array"):
            depth -= 1
        if builder is not None:
            builder.event(event, value)
            if depth == len(above):
                yield prefix, builder.value
                builder = None
        elif event == "map_key":
            above[-1] = _under(above[-2] if len(above) > 1 else "", value)
        elif event in ("end_map", "end_array"):
            above.pop()
        else:
            prefix = above[-1] if above else ""
            if prefix in wanted or prefix.startswith(inside):
                if depth == len(above):
                    yield prefix, value
                else:
                    builder = ijson.ObjectBuilder()
                    builder.event(event, value)
            elif depth > len(above):
                above.append(_under(prefix, "item") if event == "start_array" else prefix)


def _under(prefix: str, name: str) -> str:
    return f"{prefix}.{name}" if prefix else name


def lines(file: ExportFile) -> Iterator[Any]:
    """The values of a file that holds one JSON value per line; blank lines are passed over.

    Memory holds one line at a time.

    Raises
    ------
    DataError
        A line is no JSON, is nested too deeply, or is longer than 64 MB.
    """
    import json

    with file.open() as stream:
        for number, line in enumerate(iter(lambda: stream.readline(LONGEST_LINE), b"")):
            text = line.removeprefix(codecs.BOM_UTF8) if not number else line
            if not text.strip():
                continue
            try:
                yield json.loads(text)
            except RecursionError:
                raise _too_deep(file) from None
            except ValueError:
                raise _broken(file) from None


def is_lines(file: ExportFile) -> bool:
    """Whether a file holds one JSON object per line, by its name or its first two lines."""
    if file.suffix in (".jsonl", ".ndjson"):
        return True
    import json

    first, _, second = file.head(1 << 18).lstrip(codecs.BOM_UTF8).lstrip().partition(b"\n")
    if not (first.startswith(b"{") and first.rstrip().endswith(b"}") and second.lstrip().startswith(b"{")):
        return False
    try:
        json.loads(first)
    except (ValueError, RecursionError):
        return False
    return True


def items_or_lines(file: ExportFile, *prefixes: str) -> Iterator[tuple[str, Any]]:
    """What `items` gives or, of a file with one value per line, these values, each as an ``"item"``."""
    return (("item", value) for value in lines(file)) if is_lines(file) else items(file, *prefixes)


def begins_json(file: ExportFile) -> bool:
    """Whether a file begins as a JSON list or object, whatever it is called; ``.json`` files are JSON in any case."""
    return file.suffix == ".json" or text_of(file.head(64))[0].lstrip("\ufeff \t\r\n")[:1] in ("{", "[")


def _up_to(stream: Any, size: int) -> bytes:
    """The first bytes of a stream. To ask at once for as many as there may be would set aside memory for them, whatever is there."""
    parts, held = [], 0
    while held < size and (part := stream.read(min(max(PIECE, held), size - held))):
        parts.append(part)
        held += len(part)
    return b"".join(parts)


def _parsed(held: bytes, file: ExportFile) -> Any:
    import json

    try:
        return json.loads(held.decode(json.detect_encoding(held)).removeprefix("\ufeff"))
    except RecursionError:
        raise _too_deep(file) from None
    except ValueError:
        raise _broken(file) from None


def _inside(value: Any, prefix: str, wanted: frozenset[str], inside: tuple[str, ...]) -> Iterator[tuple[str, Any]]:
    """What is at the wanted prefixes in a value, in its order, as ijson finds it."""
    if prefix in wanted or (inside and prefix.startswith(inside)):
        yield prefix, value
        return
    within = f"{prefix}." if prefix else ""
    if not any(one.startswith(within) for one in wanted):
        return
    if isinstance(value, dict):
        for key, one in value.items():
            yield from _inside(one, f"{within}{key}", wanted, inside)
    elif isinstance(value, list):
        for one in value:
            yield from _inside(one, f"{within}item", wanted, inside)


class _Joined:
    """A stream after some of its bytes were read."""

    def __init__(self, first: bytes, rest: Any) -> None:
        self._first, self._rest = first, rest

    def read(self, size: int = -1) -> bytes:
        """Read as a file does."""
        if size == 0:
            return b""
        if self._first:
            held, self._first = self._first, b""
            return held
        found: bytes = self._rest.read(size)
        return found


def _without_mark(stream: Any) -> Any:
    """The stream as UTF-8 without its byte-order mark."""
    first = stream.read(4)
    if first.startswith(codecs.BOM_UTF8):
        return _Joined(first[3:], stream)
    if first.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        joined: Any = _Joined(first, stream)
        return codecs.EncodedFile(joined, "utf-8", "utf-16")
    return _Joined(first, stream)


def _broken(file: ExportFile) -> DataError:
    return DataError(f"file {file.number:,} of the export is no JSON, or ends too early; export it again")


def _too_deep(file: ExportFile) -> DataError:
    return DataError(
        f"file {file.number:,} of the export is nested deeper than {DEEPEST} levels; no system writes that, so export it again"
    )
