"""Who an id that matches no one may be: people of the roster with its name, and ids that look like mailboxes, rooms or bots.

Nothing here is taken by itself: what it returns is written beside the ids, for a person to accept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias, TypeVar
from unicodedata import combining, normalize

from tienet.base.wording import snake_case
from tienet.network.reading.found import ADDRESSES
from tienet.network.reading.people import People

# Columns of the people table that hold names, in snake_case.
NAMES = frozenset({"name", "full_name", "display_name", "displayname", "employee_name", "real_name", "nom_complet", "nombre_completo"})
FIRST = frozenset({"first_name", "firstname", "given_name", "forename", "vorname", "prenom", "prénom", "nombre"})
LAST = frozenset({"last_name", "lastname", "surname", "family_name", "nachname", "familienname", "nom", "nom_de_famille", "apellido"})
# Kinds of ids that are names themselves.
NAMED = frozenset({"resource", "ocel", "name"})
_TITLES = frozenset({"dr", "prof", "mr", "mrs", "ms", "herr", "frau", "mme", "sr", "sra", "dipl", "ing", "phd", "mba", "msc"})
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i"})
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
Words: TypeAlias = tuple[str, ...]
Key = TypeVar("Key")
Value = TypeVar("Value")

# Words of local parts, names and handles that no person has, and why the id is then no person.
_BOTS = frozenset(
    (
        *("noreply", "no reply", "donotreply", "do not reply", "dontreply", "nicht antworten", "keine antwort", "mailer daemon"),
        *("daemon", "bot", "robot", "automation", "automated", "notification", "notifications", "notify", "alert", "alerts"),
        *("bounce", "bounces", "system", "root", "service account", "integration", "integrations", "api", "webhook", "workflow"),
    )
)
_GROUPS = frozenset(
    (
        *(
            "info",
            "contact",
            "contacts",
            "office",
            "hello",
            "mail",
            "inbox",
            "team",
            "all",
            "everyone",
            "staff",
            "list",
            "group",
            "members",
        ),
        *("support", "help", "helpdesk", "help desk", "service", "servicedesk", "service desk", "customer service", "customerservice"),
        *("sales", "marketing", "press", "media", "newsletter", "news", "events", "jobs", "careers", "recruiting", "hr", "it", "legal"),
        *("billing", "invoice", "invoices", "accounting", "accounts", "finance", "orders", "order", "purchasing", "payments", "feedback"),
        *("admin", "administrator", "administration", "postmaster", "webmaster", "hostmaster", "abuse", "security", "privacy", "reception"),
        *("kontakt", "buero", "buro", "vertrieb", "verkauf", "buchhaltung", "rechnung", "rechnungen", "bewerbung", "personal", "zentrale"),
        *("empfang", "bestellung", "einkauf", "datenschutz", "presse", "kundenservice", "kundendienst", "sekretariat", "alle"),
        *("accueil", "comptabilite", "compta", "commercial", "ventes", "contacto", "ventas", "soporte", "facturacion", "recepcion"),
    )
)
_ROOMS = frozenset(
    (
        "room",
        "meeting room",
        "meetingroom",
        "conference room",
        "conf",
        "boardroom",
        "raum",
        "besprechungsraum",
        "sitzungszimmer",
        "salle",
        "sala",
    )
)
# Those that no part of a name is.
_BOT_WORDS = frozenset({"bot", "robot", "noreply", "daemon", "notification", "notifications", "automation", "webhook"})
_ROOM_WORDS = frozenset({"room", "meetingroom", "conf", "boardroom", "raum", "besprechungsraum", "sitzungszimmer", "salle"})
SENT = 20  # messages of a sender that never receives, from which on it is said
SENDERS = 100  # people who write to an id that never writes, from which on it is said


@dataclass(frozen=True, slots=True)
class NamedId:
    """What an export says of an id of a kind: an address, a name, a handle, or nothing."""

    kind: str
    who: str
    address: str | None = None
    name: str | None = None
    handle: str | None = None

    @property
    def local(self) -> str | None:
        """The part of its address before the @."""
        return local_part(self.address or (self.who if self.kind == "email" else None))

    @property
    def own(self) -> str | None:
        """The id where ids of this kind are names."""
        return self.who if self.kind in NAMED else None


@dataclass(frozen=True, slots=True)
class Suggestion:
    """People of the roster that an id may be, and why. One person is a suggestion, several are a conflict."""

    people: tuple[str, ...]
    reason: str


@dataclass(frozen=True, slots=True)
class RosterNames:
    """The names and addresses of the roster, as they are compared; each with the people who have it."""

    full: Mapping[Words, frozenset[str]]  # stated names, their words sorted
    local: Mapping[str, frozenset[str]]  # parts before the @, without a tag
    spelled: Mapping[Words, frozenset[str]]  # the words of these parts, sorted
    handles: Mapping[str, frozenset[str]]  # ids, parts before the @ and short forms of names, without signs
    several: Mapping[Words, frozenset[str]]  # stated names, and the words of addresses, of two words and more
    words: Mapping[str, frozenset[Words]]  # a word -> those with it


def plain_words(text: str | None) -> list[Words]:
    """The words of a name without accents, signs, titles and case; twice if umlauts can be written in two ways.

    Examples
    --------
    >>> plain_words("Dr. Müller, Ana")
    [('muller', 'ana'), ('mueller', 'ana')]
    """
    return list(_plain_words(text)) if text else []


@lru_cache(maxsize=1 << 16)
def _plain_words(text: str) -> tuple[Words, ...]:
    base = normalize("NFC", text).casefold()
    found = dict.fromkeys(_split(spelled) for spelled in (base, base.translate(_UMLAUTS)))
    return tuple(words for words in found if words)


def _split(text: str) -> Words:
    letters = "".join(letter for letter in normalize("NFKD", text.translate(_LETTERS)) if not combining(letter))
    words = tuple(re.findall(r"[^\W_]+", re.sub(r"['’`´]", "", letters)))
    return tuple(word for word in words if word not in _TITLES) or words


def local_part(address: str | None) -> str | None:
    """The part of an address before the @, without a tag and in lower case; None if it is no address.

    Examples
    --------
    >>> local_part("Ana.Silva+crm@firm.example")
    'ana.silva'
    """
    if not address or "@" not in address:
        return None
    return normalize("NFC", address.rpartition("@")[0]).casefold().partition("+")[0].strip() or None


def roster_names(people: People) -> RosterNames:
    """Collect the names of the roster: from columns of names, from ids, aliases and columns of addresses."""
    full: dict[Words, set[str]] = {}
    local: dict[str, set[str]] = {}
    spelled: dict[Words, set[str]] = {}
    handles: dict[str, set[str]] = {}
    words: dict[str, set[Words]] = {}
    for person, names, ids in _stated(people):
        for name in (one for stated in names for one in plain_words(stated)):
            full.setdefault(tuple(sorted(name)), set()).add(person)
            for handle in _short_forms(name):
                handles.setdefault(handle, set()).add(person)
        for stated in ids:
            part = local_part(stated)
            if part is not None:
                local.setdefault(part, set()).add(person)
            for name in plain_words(stated if part is None else part):
                spelled.setdefault(tuple(sorted(name)), set()).add(person)
                handles.setdefault("".join(name), set()).add(person)
    several = {key: full.get(key, set()) | spelled.get(key, set()) for key in {**full, **spelled} if len(key) > 1}
    for key in several:
        for word in key:
            words.setdefault(word, set()).add(key)
    return RosterNames(_frozen(full), _frozen(local), _frozen(spelled), _frozen(handles), _frozen(several), _frozen(words))


def _frozen(table: Mapping[Key, set[Value]]) -> dict[Key, frozenset[Value]]:
    return {key: frozenset(those) for key, those in table.items()}


def _stated(people: People) -> Iterator[tuple[str, list[str], list[str]]]:
    """Each person with the names, and with the ids and addresses, that the people table states."""
    columns = {name: snake_case(name) for name in people.attributes}
    firsts = [name for name, plain in columns.items() if plain in FIRST]
    lasts = [name for name, plain in columns.items() if plain in LAST]
    aliases: dict[str, list[str]] = {}
    for alias, person in people.aliases.items():
        aliases.setdefault(person, []).append(alias)
    for at, person in enumerate(people.person.tolist()):
        row = {name: value for name, values in people.attributes.items() if isinstance(value := values[at], str) and value.strip()}
        names = [row[name] for name, plain in columns.items() if plain in NAMES and name in row]
        names += [f"{row[first]} {row[last]}" for first in firsts for last in lasts if first in row and last in row]
        addresses = [part.strip() for name, plain in columns.items() if plain in ADDRESSES for part in row.get(name, "").split(";")]
        yield person, names, [person, *aliases.get(person, ()), *(one for one in addresses if one)]


def _short_forms(name: Words) -> Iterator[str]:
    """How a name becomes a handle: anasilva, silvaana, asilva, anas, silvaa."""
    yield "".join(name)
    if len(name) < 2:
        return
    first, last = name[0], name[-1]
    yield from (f"{first}{last}", f"{last}{first}", f"{first[0]}{last}", f"{first}{last[0]}", f"{last}{first[0]}")


def suggested(one: NamedId, roster: RosterNames) -> Suggestion | None:
    """The people of the roster that an id may be, by the strongest reason that fits anyone; None if none does.

    Names come first, then the part of an address before the @, then handles, then parts of a name. If the reason fits several people,
    all of them are returned, but for a part of a name, which then says too little.
    """
    name = one.name or (one.own if "@" not in one.who else None)
    named = [tuple(sorted(words)) for words in plain_words(name)]
    parted = [tuple(sorted(words)) for words in plain_words(one.local)]
    short = ["".join(words) for text in (one.handle, one.local, one.own) for words in plain_words(text)]
    reasons: tuple[tuple[str, Iterable[frozenset[str] | None]], ...] = (
        ("same name", (roster.full.get(words) for words in named)),
        ("same part before the @", (roster.local.get(one.local or ""),)),
        ("name as in the address of the people table", (roster.spelled.get(words) for words in named)),
        ("address like the name", (roster.full.get(words) for words in parted if len(words) > 1)),
        ("handle like the name or address", (roster.handles.get(text) for text in short if len(text) > 2)),
    )
    for reason, found in reasons:
        people = {person for those in found for person in those or ()}
        if people:
            return Suggestion(tuple(sorted(people)), reason)
    people = {person for words in plain_words(name) for person in _of_part(words, roster)}
    return Suggestion(tuple(people), "part of the name or address") if len(people) == 1 else None


def _of_part(name: Words, roster: RosterNames) -> set[str]:
    """People in whose name or address each word of a name is a word, or the first letter of one; one word must be whole."""
    whole = [word for word in name if len(word) > 1]
    fitting = {full for word in whole[:1] for full in roster.words.get(word, ())}
    return {person for full in fitting if _fits(name, full) for person in roster.several[full]}


def _fits(name: Words, full: Words) -> bool:
    left = list(full)
    for word in sorted(name, key=len, reverse=True):
        at = next((at for at, other in enumerate(left) if other == word or (len(word) == 1 and other.startswith(word))), None)
        if at is None:
            return False
        left.pop(at)
    return True


def not_a_person(one: NamedId, *, sent: int, received: int, senders: int) -> tuple[str, str] | None:
    """Why an id may be no person: "bot", "group" or "room", and the reason; None if nothing speaks for it.

    Parameters
    ----------
    one
        What the export says of it.
    sent, received
        Interactions from it and to it.
    senders
        Distinct ids that wrote to it.
    """
    for text, what in ((one.local, "the address"), (one.name, "the name"), (one.handle, "the handle"), (one.own, "the name")):
        for words in plain_words(text):
            said = _said(words, handle=what == "the handle")
            if said:
                return said[0], f"{what} says {said[1]}"
    if sent >= SENT and not received:
        return "bot", f"sent {sent:,}, received none"
    if senders >= SENDERS and not sent:
        return "group", f"received from {senders:,}, sent none"
    return None


def _said(words: Words, *, handle: bool) -> tuple[str, str] | None:
    """The kind of no person that words say, and the word."""
    together = " ".join(words)
    for kind, known in (("bot", _BOTS), ("room", _ROOMS), ("group", _GROUPS)):
        if together in known or "".join(words) in known:
            return kind, together
    for kind, known in (("bot", _BOT_WORDS), ("room", _ROOM_WORDS)):
        word = next((word for word in words if word in known), None)
        if word is not None:
            return kind, word
    if handle and together.endswith("bot"):  # only in handles: people are called Abbot
        return "bot", "bot"
    return None
