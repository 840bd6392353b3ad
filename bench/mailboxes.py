"""Read the headers of an mbox: tienet compared with a loop over the standard library's mailbox.mbox.

    python bench/mailboxes.py --mails 200000 --folder /tmp/mailboxes

The mails are made up, with the headers that Google Takeout writes: signatures, several recipients, names in quotes, answers. "headers" has
source, targets, date and ids of each mail, "read_mail" a log without repeats. The loops of the standard library have headers as text, and
with "addresses, dates" also these. Each run is a process of its own; imports are not timed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import numpy as np
from _measured import apart_in_turns, run_alone

PEOPLE = 2000
SIGNATURE = "".join(f"\n        b={'Qw+8' * 18}" for _ in range(4))


def write(path: Path, mails: int) -> None:
    """Write an mbox of made-up mails."""
    rng = np.random.default_rng(1)
    names = [f"Person {one} <p{one}@firm.example>" if one % 3 else f'"{one}, Person" <p{one}@firm.example>' for one in range(PEOPLE)]
    start = datetime(2024, 1, 1, tzinfo=UTC)
    with path.open("w", encoding="ascii", newline="\n") as stream:
        for number in range(mails):
            source, *targets = rng.integers(0, PEOPLE, 2 + min(int(rng.exponential(2)), 30)).tolist()
            time = start + timedelta(seconds=60 * number)
            answered = f"In-Reply-To: <{rng.integers(number)}.mail@firm.example>\n" if number and rng.random() < 0.4 else ""
            stream.write(
                f"From {number}@xxx {time:%a %b %d %H:%M:%S} +0000 {time:%Y}\nX-GM-THRID: {number}\nX-Gmail-Labels: Inbox\n"
                f"Delivered-To: p{targets[0]}@firm.example\nReceived: by 2002:a05:6838:{number} with SMTP id ab;\n        {time:%c}\n"
                f"ARC-Seal: i=1; a=rsa-sha256; t=1704100000; cv=none;{SIGNATURE}\nReceived-SPF: pass (firm.example: 192.0.2.1)\n"
                f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed;{SIGNATURE}\nMIME-Version: 1.0\nFrom: {names[source]}\n"
                f"Date: {format_datetime(time)}\nMessage-ID: <{number}.mail@firm.example>\n{answered}Subject: made up\n"
                f"To: {', '.join(names[one] for one in targets)}\nContent-Type: text/plain; charset=utf-8\n\n"
                + "A line of a text that nobody reads.\n" * int(rng.integers(5, 60))
                + "\n"
            )


def headers(path: Path) -> int:
    """Source, targets, date and ids of each mail, as tienet reads them."""
    from tienet.network.sources.mailboxes.blocks import mails_in_mbox
    from tienet.network.sources.mailboxes.headers import mail_of

    with path.open("rb") as stream:
        return sum(mail_of(one).id is not None for one in mails_in_mbox(stream))


def log(path: Path) -> int:
    """The log of the mails."""
    import tienet as tn

    return tn.read_mail(path).ledger.rows_in


def parsed(path: Path) -> int:
    """The headers of each mail, as text."""
    import mailbox
    from email.parser import BytesHeaderParser

    return sum(one["Message-ID"] is not None for one in mailbox.mbox(path, factory=BytesHeaderParser().parse, create=False))


def parsed_bytes(path: Path) -> int:
    """The same, from the bytes of each mail."""
    import mailbox
    from email.parser import BytesHeaderParser

    box, parser = mailbox.mbox(path, create=False), BytesHeaderParser()
    return sum(parser.parsebytes(box.get_bytes(key))["Message-ID"] is not None for key in box.iterkeys())


def parsed_values(path: Path) -> int:
    """The same, with addresses and dates read."""
    import mailbox
    from email.parser import BytesHeaderParser
    from email.utils import getaddresses, parsedate_to_datetime

    box, parser, found = mailbox.mbox(path, create=False), BytesHeaderParser(), 0
    for key in box.iterkeys():
        one = parser.parsebytes(box.get_bytes(key))
        people = getaddresses([str(value) for name in ("From", "To", "Cc", "Bcc") for value in one.get_all(name, ())])
        found += bool(people and parsedate_to_datetime(one["Date"]) and one["Message-ID"])
    return found


CONTENDERS = {
    "tienet, headers": headers,
    "tienet, read_mail": log,
    "mailbox.mbox, factory": parsed,
    "mailbox.mbox, bytes": parsed_bytes,
    "mailbox.mbox, bytes, addresses, dates": parsed_values,
}


def main() -> None:
    """Print a table of the contenders."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--mails", type=int, default=200_000)
    parser.add_argument("--only", nargs="+", choices=list(CONTENDERS), default=list(CONTENDERS))
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "tienet-bench")
    parser.add_argument("--run", choices=list(CONTENDERS), help=argparse.SUPPRESS)
    given = parser.parse_args()
    path = given.folder / f"{given.mails}.mbox"
    if given.run:
        import tienet.network.sources.mail  # noqa: F401 - imported before the clock starts

        run_alone(lambda: CONTENDERS[given.run](path), lambda mails: {"mails": mails})
        return
    given.folder.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        write(path, given.mails)
    commands = {
        name: [sys.executable, __file__, "--mails", str(given.mails), "--folder", str(given.folder), "--run", name] for name in given.only
    }
    found: dict[str, dict[str, Any]] = apart_in_turns(commands, given.repeat, f"{given.mails:,} mails")
    first = next(iter(found.values()))
    lines = ["| contender | wall s | own s | peak GB | own / first |", "|---|--:|--:|--:|--:|"]
    lines += [
        f"| {name} | {one['wall']:.2f} | {one['own']:.2f} | {one['peak']:.2f} | {one['own'] / first['own']:.2f} |"
        for name, one in found.items()
    ]
    sys.stdout.write("\n".join(lines) + "\n")


if __name__ == "__main__":
    main()
