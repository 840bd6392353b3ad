"""A tie rule as one line of text, which graphs and files of other tools can carry."""

from __future__ import annotations

import json
from dataclasses import fields
from datetime import date
from typing import Any

from tienet.base.errors import TienetError
from tienet.network.ties.rule import TieRule

ATTRIBUTE = "tie_rule"


def rule_as_text(rule: TieRule) -> str:
    """The arguments of the rule as a JSON object.

    Examples
    --------
    >>> rule_as_text(TieRule(half_life=None, max_size=None))[:52]
    '{"min_interactions": 3, "half_life": null, "size_wei'
    """
    return json.dumps({field.name: _plain(getattr(rule, field.name)) for field in fields(rule)}, ensure_ascii=False)


def rule_from_text(text: object) -> TieRule | None:
    """The rule that `rule_as_text` wrote; None for anything else.

    Examples
    --------
    >>> rule_from_text(rule_as_text(TieRule(half_life="12w"))) == TieRule(half_life="12w"), rule_from_text("at least 3 mails")
    (True, None)
    """
    try:
        stated: Any = json.loads(text) if isinstance(text, str) else None
        return TieRule(**stated) if isinstance(stated, dict) else None
    except (ValueError, TypeError, RecursionError, TienetError):
        return None


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value
