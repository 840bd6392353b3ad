"""Tell a header from a line of data, so that no message shows people's names because a file has no header."""

from __future__ import annotations

import re
from collections.abc import Iterable

# What columns of logs, people tables and outcomes are called; one such name shows that the line is a header. Words that are values in such
# tables as well (mail, chat, sales, manager) are left out.
_NAMES = """
    source target time channel size duration weight event reply to from cc bcc id ids key uid uuid guid name names address
    addresses sender senders receiver recipient recipients author creator owner assignee user users person people member
    members participant participants attendee attendees organizer organiser caller callee respondent colleague ego alter b
    date day datetime timestamp ts start end begin created updated sent received when month year quarter week hour minute
    minutes seconds function functions department dept team unit division role title job region country site location office
    city tenure age gender sex salary grade level reason status type kind category subject topic thread room platform app
    system tool count number nr amount value values total score rating share growth revenue quota outcome performance profit
    orders interactions frequency strength ties valid until since column index row x y z absender empfänger von datum uhrzeit
    zeit zeitpunkt tag beginn ende dauer betreff kanal anzahl nutzer benutzer mitarbeiter personalnummer kennung abteilung
    bereich funktion vorgesetzter standort umsatz wachstum expéditeur expediteur destinataire destinataires à heure début
    debut durée duree objet canal nombre employé employe personne département departement fonction responsable équipe equipe
    remitente destinatario destinatarios para fecha hora inicio duración duracion asunto número numero empleado persona
    departamento función funcion
"""
_WORDS = frozenset(_NAMES.split())
_PARTS = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-zß-ÿ])(?=[A-ZÀ-Þ])")


def is_header(found: Iterable[str], wanted: Iterable[str] = ()) -> bool:
    """Whether a line holds the name of a column that is wanted, or one that tables usually have.

    Examples
    --------
    >>> is_header(["Start Date", "who"]), is_header(["Anna Schmidt", "Bob Meier"]), is_header(["Anna", "chi"], ["chi"])
    (True, False, True)
    """
    own = {name.strip().casefold() for name in wanted}
    return any(name.strip().casefold() in own or (_is_word(name) and not looks_like_data(name)) for name in found)


def looks_like_data(name: str) -> bool:
    """Whether the name of a column is rather a value: an address, a number or a date."""
    return "@" in name or name.strip()[:1].isdigit()


def _is_word(name: str) -> bool:
    parts = _PARTS.findall(_CAMEL.sub(" ", name))
    return bool(parts) and all(part.casefold() in _WORDS for part in parts)
