"""How exports name their columns, in English, German, French and Spanish, and how firms name their functions."""

from __future__ import annotations

import re
from unicodedata import combining, normalize

# Column -> names, the usual ones first. Compared without accents, signs and upper case: "E-Mail-Adresse" is "e mail adresse".
COLUMNS: dict[str, tuple[str, ...]] = {
    "source": (
        *("source", "sender", "from", "from address", "sender address", "sender email", "from email", "organizer", "organiser"),
        *("meeting organizer", "caller", "author", "initiator", "user from", "from user", "requester", "ego"),
        *(
            "von",
            "von adresse",
            "absender",
            "absender adresse",
            "absenderadresse",
            "organisator",
            "besprechungsplanung",
            "verfasser",
            "anrufer",
        ),
        *("expediteur", "emetteur", "de", "organisateur", "auteur", "appelant", "demandeur"),
        *("remitente", "emisor", "organizador", "autor", "desde", "solicitante"),
    ),
    "target": (
        *("target", "recipient", "recipients", "to", "to address", "recipient address", "recipient email", "to email", "receiver"),
        *("attendee", "attendees", "required attendees", "participants", "participant", "invitees", "callee", "to user", "alter"),
        *("an", "an adresse", "empfanger", "empfaenger", "empfangeradresse", "teilnehmer", "erforderliche teilnehmer", "angerufener"),
        *("destinataire", "destinataires", "a", "participants requis", "invites", "appele"),
        *("destinatario", "destinatarios", "para", "receptor", "asistentes", "asistentes requeridos", "participantes"),
    ),
    "copy": (
        *("cc", "bcc", "cc address", "copy", "optional attendees", "cc recipients", "bcc recipients"),
        *("kopie", "kopie an", "cc adresse", "bcc adresse", "optionale teilnehmer", "blindkopie"),
        *("copie", "copie a", "cci", "participants facultatifs", "copia", "con copia", "cco", "asistentes opcionales"),
    ),
    "time": (
        *("time", "timestamp", "datetime", "date time", "sent", "sent at", "sent on", "sent time", "date sent", "received", "received at"),
        *("start", "start time", "started at", "begin", "created", "created at", "date", "ts", "when", "day", "message date"),
        *(
            "datum",
            "zeit",
            "zeitpunkt",
            "zeitstempel",
            "gesendet",
            "gesendet am",
            "erhalten",
            "beginn",
            "beginnt am",
            "datum uhrzeit",
            "start am",
        ),
        *("date heure", "horodatage", "envoye", "envoye le", "date d envoi", "recu", "recu le", "debut", "heure"),
        *("fecha", "fecha hora", "fecha y hora", "enviado", "enviado el", "fecha de envio", "recibido", "inicio", "hora"),
    ),
    "day": ("start date", "date", "day", "sent date", "datum", "beginnt am", "startdatum", "jour", "date de debut", "fecha", "dia"),
    "clock": (
        *("start time", "time", "hour", "clock", "sent time", "uhrzeit", "zeit", "beginnt um", "startzeit", "startuhrzeit"),
        *("heure", "heure de debut", "hora", "hora de inicio"),
    ),
    "channel": ("channel", "medium", "kanal", "canal", "kommunikationskanal", "medio", "source system", "interaction type", "kontaktart"),
    "size": (
        *("size", "n people", "people", "attendee count", "participant count", "number of attendees", "number of participants"),
        *(
            "anzahl teilnehmer",
            "teilnehmerzahl",
            "anzahl personen",
            "nombre de participants",
            "numero de asistentes",
            "numero de participantes",
        ),
    ),
    "duration": (
        "duration",
        "duration minutes",
        "minutes",
        "dauer",
        "dauer minuten",
        "duree",
        "duree minutes",
        "duracion",
        "duracion minutos",
    ),
    "weight": (
        "weight",
        "count",
        "interactions",
        "messages",
        "n",
        "anzahl",
        "haufigkeit",
        "nachrichten",
        "gewicht",
        "poids",
        "peso",
        "frequency",
    ),
    "event": (
        *(
            "event",
            "event id",
            "meeting id",
            "message id",
            "internet message id",
            "ical uid",
            "icaluid",
            "uid",
            "call id",
            "meeting",
            "mail id",
        ),
        *(
            "nachricht id",
            "nachrichten id",
            "termin id",
            "besprechung id",
            "besprechungs id",
            "id de reunion",
            "id message",
            "id de mensaje",
        ),
    ),
    "reply_to": (
        "reply to",
        "in reply to",
        "reply to id",
        "parent id",
        "parent message id",
        "antwort auf",
        "en reponse a",
        "en respuesta a",
    ),
    "person": (
        *("person", "person id", "employee", "employee id", "employee number", "staff id", "user", "user id", "username", "login", "upn"),
        *(
            "email",
            "e mail",
            "mail",
            "email address",
            "mail address",
            "work email",
            "user principal name",
            "rep",
            "sales rep",
            "salesperson",
            "id",
        ),
        *(
            "mitarbeiter",
            "mitarbeiter id",
            "mitarbeiternummer",
            "personalnummer",
            "personal nr",
            "pers nr",
            "persnr",
            "benutzer",
            "e mail adresse",
        ),
        *("emailadresse", "mailadresse", "kennung", "kurzel", "verkaufer", "vertriebsmitarbeiter", "ma nr", "personal id"),
        *("personne", "employe", "matricule", "salarie", "adresse e mail", "courriel", "identifiant", "vendeur", "commercial"),
        *("persona", "empleado", "id empleado", "numero de empleado", "correo", "correo electronico", "usuario", "vendedor"),
    ),
    "function": (
        *("function", "department", "dept", "division", "business function", "org unit", "area", "team function", "business unit"),
        *("abteilung", "bereich", "funktion", "funktionsbereich", "ressort", "organisationseinheit", "fachbereich"),
        *("fonction", "departement", "service", "direction", "departamento", "funcion", "area funcional"),
    ),
    "valid_from": ("valid from", "gultig ab", "gultig von", "valide du", "valido desde", "vigente desde"),
    "valid_to": ("valid to", "valid until", "gultig bis", "valide jusqu au", "valido hasta", "vigente hasta"),
    "outcome": (
        *(
            "sales growth",
            "growth",
            "sales",
            "revenue",
            "revenue growth",
            "quota attainment",
            "target attainment",
            "attainment",
            "performance",
        ),
        *("kpi", "score", "bookings", "won", "win rate", "deals", "turnover"),
        *("zielerreichung", "umsatzwachstum", "wachstum", "umsatz", "leistung", "auftragseingang", "quotenerreichung", "abschlusse"),
        *(
            "croissance",
            "croissance des ventes",
            "ventes",
            "chiffre d affaires",
            "objectif atteint",
            "atteinte des objectifs",
            "taux d atteinte",
        ),
        *(
            "crecimiento",
            "crecimiento de ventas",
            "ventas",
            "facturacion",
            "cumplimiento",
            "cumplimiento de objetivos",
            "rendimiento",
            "ingresos",
        ),
    ),
    "control": (
        *("tenure", "tenure years", "seniority", "age", "experience", "betriebszugehorigkeit", "zugehorigkeit", "alter", "dienstjahre"),
        *("anciennete", "experiencia", "antiguedad", "edad", "experience annees"),
    ),
}
# Kind of function -> how firms call it.
FUNCTIONS: dict[str, tuple[str, ...]] = {
    "sales": (
        *(
            "sales",
            "sales force",
            "field sales",
            "account management",
            "account executives",
            "key account management",
            "business development",
        ),
        *("vertrieb", "verkauf", "aussendienst", "innendienst", "ventes", "vente", "commercial", "force de vente", "ventas", "comercial"),
    ),
    "marketing": ("marketing", "marketing communications", "product marketing", "produktmarketing", "mercadotecnia", "mercadeo"),
    "service": (
        *(
            "customer service",
            "customer support",
            "customer success",
            "service",
            "support",
            "kundendienst",
            "kundenservice",
            "kundenbetreuung",
        ),
        *("service client", "service clients", "sav", "relation client", "servicio al cliente", "atencion al cliente", "soporte"),
    ),
    "other": (
        *(
            "finance",
            "finanzen",
            "buchhaltung",
            "controlling",
            "finances",
            "comptabilite",
            "finanzas",
            "contabilidad",
            "it",
            "edv",
            "informatique",
        ),
        *(
            "hr",
            "human resources",
            "personal",
            "personalwesen",
            "ressources humaines",
            "rh",
            "recursos humanos",
            "legal",
            "recht",
            "juridique",
        ),
        *("operations", "produktion", "production", "produccion", "einkauf", "purchasing", "procurement", "achats", "compras", "logistik"),
        *(
            "logistics",
            "logistique",
            "logistica",
            "engineering",
            "entwicklung",
            "r d",
            "research",
            "forschung",
            "product",
            "produkt",
            "management",
        ),
    ),
}


def plain(name: str) -> str:
    """A name without accents, signs and upper case, in single words.

    Examples
    --------
    >>> plain("E-Mail-Adresse"), plain("Empfänger"), plain("sentAt"), plain("Umsatz (in %)")
    ('e mail adresse', 'empfanger', 'sent at', 'umsatz in')
    """
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name)
    letters = "".join(letter for letter in normalize("NFKD", apart.casefold()) if not combining(letter))
    return " ".join(re.sub(r"[\W_]+", " ", letters).split())


def likeness(name: str, column: str) -> float:
    """How much a name is one of a column: 1 if it is, less if it begins with one or holds one, 0 if not.

    Examples
    --------
    >>> likeness("Absender", "source"), likeness("Von: (Adresse)", "source"), likeness("Region", "source")
    (1.0, 1.0, 0.0)
    """
    found, known = plain(name), COLUMNS[column]
    if found in known:
        return 1.0
    words, best = found.split(), 0.0
    for other in known:
        if len(other) < 3 and other not in ("an", "to"):
            continue
        parts = other.split()
        if words[: len(parts)] == parts:
            best = max(best, 0.8)
        elif len(other) > 3 and set(parts) <= set(words):
            best = max(best, 0.6)
    return best


def kind_of_function(label: str) -> str | None:
    """The kind of function that a label means: "sales", "marketing", "service", "other"; None if it is not known.

    Examples
    --------
    >>> kind_of_function("Vertrieb Süd"), kind_of_function("Kundendienst"), kind_of_function("Berlin")
    ('sales', 'service', None)
    """
    found = plain(label)
    for kind, names in FUNCTIONS.items():
        if found in names:
            return kind
    words = set(found.split())
    return next((kind for kind, names in FUNCTIONS.items() if any(len(name) > 2 and set(name.split()) <= words for name in names)), None)
