"""Which headers read as opt-outs, and which texts under them mean that a person is not to be called.

Its law: nobody is called whose opt-out cannot be read. Only a text that clearly says no leaves a row to be called.
"""

import polars as pl

_HEADERS = frozenset(
    (
        "donotcall", "dontcall", "donotcontact", "dontcontact", "donotphone", "donotdial", "donotring", "donotdisturb",
        "dnc", "dnd", "nevercall", "nocall", "nocalls", "nocontact", "nophone", "nophonecalls", "stopcalling",
        "optout", "optedout", "optouts", "unsubscribe", "unsubscribed", "blocked", "blacklist", "blacklisted",
        "blocklist", "blocklisted", "suppress", "suppressed", "exclude", "excluded", "skip", "removefromlist",
        "nichtanrufen", "nichtkontaktieren", "keineanrufe", "keinanruf", "gesperrt", "anrufsperre", "werbesperre",
        "robinsonliste", "nepasappeler", "nepascontacter", "désinscrit", "desinscrit", "bloctel", "nollamar",
        "nocontactar", "nonchiamare", "noncontattare", "nietbellen", "nãoligar", "naoligar", "niedzwonić",
    )
)  # fmt: skip
"""What is left of such a header without `_BEFORE`, `_AFTER` and the gaps between its words."""
_BEFORE = frozenset({
    "is", "has", "was", "hs", "on", "in", "to", "phone", "call", "calls", "calling", "voice", "contact", "customer",
    "federal", "national", "state", "internal", "global",
})  # fmt: skip
_AFTER = frozenset({
    "flag", "status", "list", "registry", "registered", "indicator", "date", "at", "on", "since", "time", "y", "n",
    "yn", "yes", "true", "reason", "request", "requested", "from", "of", "me", "him", "her", "them", "us", "phone",
    "phones", "call", "calls", "calling", "voice", "contact", "customer", "person", "number",
})  # fmt: skip
_SET = frozenset({
    "true", "yes", "y", "t", "1", "x", "xx", "on", "checked", "set", "ja", "j", "oui", "o", "sí", "si", "s", "sim",
    "да", "wahr", "vrai", "verdadero", "vero", "waar", "verdadeiro", "prawda", "sant", "tak", "✓", "✔", "☑", "☒", "✅",
})  # fmt: skip
_NOT_SET = frozenset({
    "false", "no", "n", "f", "0", "off", "unchecked", "subscribed", "nein", "non", "nee", "não", "nao", "nej", "nie",
    "нет", "falsch", "faux", "falso", "onwaar", "fałsz", "falskt", "☐", "-", "--", "n/a", "na", "null", "nan", "none",
    "not set", "opted in",
})  # fmt: skip
_ZERO = r"^[+-]?0+(?:[.,]0+)?$"
_DATE = r"^(?:\d{4}[-./]\d{1,2}[-./]\d{1,2}|\d{1,2}[-./]\d{1,2}[-./]\d{2,4})(?:[T ].*)?$"


def is_opt_out(words: str) -> bool:
    """Whether a header reads as an opt-out from calls; *words* is the header in snake_case."""
    left = words.split("_")
    whole = "".join(left)
    while left and "".join(left) not in _HEADERS:
        if left[0] in _BEFORE:
            del left[0]
        elif left[-1] in _AFTER:
            del left[-1]
        else:
            break
    return whole in _HEADERS or "".join(left) in _HEADERS


def is_set(text: pl.Expr) -> pl.Expr:
    """Return whether a person may have opted out by trimmed *text*: true unless it is empty or clearly says no."""
    folded = text.str.to_lowercase()
    return (text.is_not_null() & ~folded.is_in(_NOT_SET) & ~text.str.contains(_ZERO)).fill_null(value=False)


def is_clear(text: pl.Expr) -> pl.Expr:
    """Return whether *text*, for which `is_set` holds, is known to mean an opt-out."""
    return text.str.to_lowercase().is_in(_SET) | text.str.contains(_DATE)
