"""Why records of exports are left out, in codes that all readers share: broken records are rejected, understood ones excluded."""

from tienet.network.reading.ledger import REASONS, Ledger, declare_reason

REJECTED = {
    "bad_record": "the record does not have the shape of its kind",
    "undecodable": "its bytes are not text",
    "truncated": "the record ends too early",
    "bad_recurrence": "the rule of a repeated meeting cannot be read",
    "bad_duration": "the end lies before the start, or the length cannot be read",
    "unknown_zone": "a time zone that is not known",
}
EXCLUDED = {
    "system": "written by the system: someone joined, something was renamed",
    "deleted": "deleted in the system",
    "bot": "done by a bot",
    "automatic": "sent automatically: out of office, notices of failed delivery",
    "no_recipient": "addresses no one",
    "no_person": "addresses or names no person, but a bot, a queue, a room",
    "self": "from a person to the same person",
    "group_address": "to a mailing list, which was expanded in records of its own",
    "not_delivered": "not delivered to anyone",
    "cancelled": "cancelled",
    "all_day": "a note for the whole day, such as a holiday",
    "other_action": "an action that addresses no one, such as moving a card",
    "draft": "a draft",
    "private": "marked as private",
    "outside_period": "outside of the period that was asked for",
    "external": "with people outside of the firm only",
    "no_address": "a guest without an address",
}
DUPLICATE = {
    "repeated_record": "the same record, listed again",
    "series_master": "the plan of a series, beside its meetings",
    "child_copy": "the copy of a meeting for one of those invited",
    "older_version": "an older version of the same meeting",
}


for _status, _reasons in (("rejected", REJECTED), ("excluded", EXCLUDED), ("duplicate", DUPLICATE)):
    for _code, _meaning in _reasons.items():
        declare_reason(_code, _status, _meaning)  # type: ignore[arg-type]


def largest(ledger: Ledger) -> str:
    """The reason for which most records are left out, in a sentence: "249 of 264 records are other_action (an action that ...)"."""
    if not ledger.rows_in:
        return "it holds no record"
    code = max(ledger.counts, key=lambda one: (ledger.counts[one], one))
    return f"{ledger.counts[code]:,} of {ledger.rows_in:,} records are {code} ({REASONS[code][1]})"
