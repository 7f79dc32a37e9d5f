"""Facts for every page, as the code gives them: the plain case, the empty one, and what hostile people would type.

The keys are exactly those of the code (a test holds them equal), so a page that passes with these passes in the town.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from handlers.messages import Choice

#: What people type to see whether a page breaks: markup of both kinds, quotes, entities, template braces.
HOSTILE = "<b>tebal</b> & \"kutip\" 'satu' *bintang* _garis_ {{ kurung }} {% kurung %} <script>alert(1)</script>"
SENTENCE = "Sudah tiga minggu kartu keluarga kami belum jadi dan selalu disuruh kembali. "
LONG = (SENTENCE * 40)[:2000]
STORY = "Lampu jalan di depan SD mati sejak Lebaran.\nKalau malam gelap sekali."
TEXTS = (STORY, LONG, HOSTILE)
POINT = "2.95950, 99.06870"

UNIT = "Dinas Kependudukan dan Pencatatan Sipil"
INSPECTOR = "Petugas pengaduan Inspektorat"
NUMBER = "TGP-26-7K3QD8"
DUE = "2026-04-10T09:30:00+00:00"
EARLIER = "2026-03-13T03:05:00+00:00"
MATTER = {"id": "Kartu keluarga", "en": "Family card"}
NAMES = {"DISDUKCAPIL": UNIT, "KEL-TELADAN": "Kelurahan Teladan"}
IDENTITIES = ("open", "confidential", "anonymous")
STATES = (
    "received", "routed", "accepted", "in_progress", "waiting_citizen", "resolved", "closed", "reopened", "referred",
    "rejected", "withdrawn", "merged",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Sample:
    """One way in which a page is shown."""

    facts: Mapping[str, Any]
    choices: tuple[Choice, ...] = ()

    @property
    def is_hostile(self) -> bool:
        return HOSTILE in str_of(self.facts)


def str_of(value: Any) -> str:
    """All text of a fact, however deep."""
    if isinstance(value, Mapping):
        return "\n".join(str_of(part) for part in value.values())
    if isinstance(value, (list, tuple)):
        return "\n".join(str_of(part) for part in value)
    return str(value)


def _choices(*codes: str, arg: str = "3") -> tuple[Choice, ...]:
    return tuple(Choice(code, (arg,)) for code in codes)


def _said(author: str, kind: str, text: str) -> dict[str, Any]:
    return {"author": author, "kind": kind, "text": text, "at": EARLIER}


def _thread(story: str, said: str) -> list[dict[str, Any]]:
    return [
        _said("citizen", "story", story),
        _said("citizen", "place", said),
        _said("staff", "answer", said),
        _said("citizen", "addition", said),
        _said("citizen", "addition", ""),
        _said("staff", "closing", said),
        _said("citizen", "refusal", said),
        _said("citizen", "refusal", ""),
        *(_said("staff", kind, said) for kind in ("question", "postponed", "note", "why", "explanation")),
        _said("citizen", "reply", said),
        _said("citizen", "correction", said),
    ]


def _journey(text: str) -> list[dict[str, Any]]:
    return [
        {"from": text, "to": UNIT, "why": "not_ours", "text": text, "at": EARLIER},
        {"from": UNIT, "to": text, "why": "forward", "text": "", "at": DUE},
    ]


def case(**changes: Any) -> dict[str, Any]:
    """A case as `handlers.shown.case_facts` gives it."""
    plain: dict[str, Any] = {
        "number": NUMBER,
        "state": "routed",
        "kind": "complaint",
        "identity": "open",
        "name": None,
        "unit": UNIT,
        "reported": None,
        "matter": MATTER,
        "received_at": EARLIER,
        "binding_by": DUE,
        "provisional": False,
        "moved_from": None,
        "moved_at": None,
        "taken": False,
        "taken_by_me": False,
        "photos": [],
        "waiting_since": None,
        "days_paused": 0,
        "pauses": 0,
        "missed_at": None,
        "postponed_until": None,
        "refusals": 0,
        "listening": False,
        "heard": None,
        "roads": [],
        "body": None,
        "high": False,
        "explain_by": None,
        "letter": None,
        "journey": [],
        "thread": [_said("citizen", "story", STORY)],
    }
    return plain | changes


ROADS = [{"name": "Ombudsman RI", "contact": ""}, {"name": HOSTILE, "contact": "SMS 1708"}]
_LETTERS = tuple({"reference": text, "dated": EARLIER, "due": DUE} for text in ("B/0812/LM.21-02/IX/2026", HOSTILE))


def _letter_thread(letter: dict[str, Any]) -> list[dict[str, Any]]:
    return [_said("staff", "letter", letter["reference"]), _said("staff", "closing", "Sudah dijawab.")]


#: Bodies outside, as far as files say how to reach them.
BODIES: tuple[dict[str, Any], ...] = (
    {"name": {"id": "PLN (listrik)", "en": "PLN (electricity)"}, "where": {}, "contact": "123"},
    {
        "name": {"id": "Imigrasi", "en": "Immigration"},
        "where": {"id": "kantor imigrasi", "en": "the office"},
        "contact": None,
    },
    {"name": {"id": HOSTILE, "en": HOSTILE}, "where": {"id": HOSTILE, "en": HOSTILE}, "contact": HOSTILE},
    {"name": {"id": "BPN", "en": "BPN"}, "where": {}, "contact": None},
)


def _cases() -> list[dict[str, Any]]:
    return [
        case(),
        case(matter={}, kind="aspiration", binding_by=None, thread=[]),
        case(thread=[_said("citizen", "story", LONG)], provisional=True, photos=[1, 2]),
        case(photos=[1, 2], voices=[3], videos=[4]),
        case(voices=[3], videos=[4]),
        case(videos=[4], withheld=1, silenced=1),
        case(kind="oversight", roads=ROADS),
        case(thread=_thread(HOSTILE, HOSTILE), **dict.fromkeys(("name", "unit", "reported"), HOSTILE), taken=True),
        case(matter={"id": HOSTILE, "en": HOSTILE}),
        *(case(listening=True, heard=heard, voices=[3], thread=[]) for heard in (None, "", STORY, HOSTILE)),
        case(thread=[_said("staff", "story", STORY)], voices=[3]),
        {key: value for key, value in case().items() if key not in ("pauses", "missed_at")},  # of an older release
        case(missed_at=EARLIER, pauses=3, thread=[{**_said("staff", "answer", "Baik."), "missed": True}]),
        case(waiting_since=EARLIER, days_paused=4, pauses=1, postponed_until=DUE, refusals=2, journey=_journey(UNIT)),
        case(journey=_journey(HOSTILE), state="received"),
        case(moved_from=EARLIER, moved_at=EARLIER),
        case(thread=_thread(STORY, "Baik."), taken=True, taken_by_me=True, photos=[1], name="Siti"),
        case(kind="oversight", identity="confidential", reported=UNIT, unit="Inspektorat"),
        *(case(identity=identity, name="Siti" if identity == "open" else None) for identity in IDENTITIES),
        *(case(state=state) for state in STATES),
        *(case(kind=kind) for kind in ("complaint", "oversight", "information", "aspiration")),
        case(high=True, explain_by=DUE),
        *(case(kind="letter", matter={}, letter=letter, thread=_letter_thread(letter)) for letter in _LETTERS),
        *(case(state="referred", binding_by=None, body=body) for body in BODIES),
    ]


def _decided(basis: str) -> list[dict[str, Any]]:
    """Decisions over the files as their pages tell them, one of each sort."""
    plain = {"since": EARLIER, "until": DUE, "year": 2027, "basis": basis}
    days = [{**plain, "subject": "calendar", "what": what, "name": "", "said": ""} for what in _DAY_CHANGES]
    said = (
        ("closure", "", UNIT, ""),
        ("alias", "", UNIT, HOSTILE),
        ("area", "new", HOSTILE, ""),
        ("area", "name", HOSTILE, ""),
        ("unit", "", HOSTILE, ""),
        ("answer", "", HOSTILE, TEXTS[0]),
        ("wording", "id", "citizen/answer", f"Dari {{unit}}: {{text}} ({{number}}). {HOSTILE}"),
    )
    keys = ("subject", "what", "name", "said")
    return [*days, *({**plain, **dict(zip(keys, one, strict=True))} for one in said)]


def _previewed(basis: str) -> list[dict[str, Any]]:
    """The same with what follows of each."""
    more = {"code": "12.72.01.1099", "around": UNIT, "posts": ["Lurah Teladan", HOSTILE], "state": None}
    examples = {"unit": UNIT, "text": LONG, "number": NUMBER}
    return [
        {**one, **more, "matter": matter, "examples": examples} for one in _decided(basis) for matter in (MATTER, {})
    ]


def _decided_acts() -> tuple[dict[str, Any], ...]:
    """What administrators do about posts, leaves and groups."""
    holders = [{"kind": "definitif", "since": EARLIER, "until": None}, {"kind": "Plt", "since": EARLIER, "until": DUE}]
    plain: dict[str, Any] = {
        "what": "appoint",
        "post": INSPECTOR,
        "unit": UNIT,
        "kind": "definitif",
        "since": EARLIER,
        "until": None,
        "decree": None,
        "holders": [],
        "codes": 0,
        "instead": None,
    }
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"kind": "Plt", "decree": HOSTILE, "holders": holders},
        {"kind": "Plh", "until": DUE, "decree": "800/12/BKPSDM/2026"},
        {"what": "hand_over", "holders": holders, "codes": 2, "post": HOSTILE},
        {"what": "hand_over"},
        {"what": "end_holding", "kind": None, "holders": holders[:1]},
        {"what": "stand_in", "kind": None, "until": DUE, "instead": HOSTILE},
        {"what": "unbind", "kind": None, "unit": HOSTILE},
    )
    return tuple(plain | change for change in changes)


def _form(shown: dict[str, Any]) -> tuple[Sample, ...]:
    """A field of a form: asked, asked again, and with values to choose from."""
    pick = (Choice("pick", ("field", INSPECTOR, "2026-12-31", "7")), Choice("pick", ("field", HOSTILE, "", "8")))
    plain = {"again": False, "offered": 0, "example": "31/12/2026", **shown}
    return (
        Sample(plain, _choices("skip", "cancel")),
        Sample({**plain, "again": True}, _choices("cancel")),
        Sample({**plain, "again": True, "offered": 2}, (*pick, *_choices("cancel"))),
    )


def _effect(later: int, earlier: int, relieved: int, late: int, settled: int, more: bool) -> dict[str, Any]:
    """What a change of the calendars would do."""
    counts = {"later": later, "earlier": earlier, "relieved": relieved, "late": late, "settled": settled}
    return {**counts, "looked": 40, "moved": later + earlier, "more": more}


def _kept(state: str) -> dict[str, Any]:
    """A case as `/dataku` lists it."""
    return {"number": NUMBER, "state": state, "identity": IDENTITIES[len(state) % 3], "locked": False}


_LOCKED: dict[str, Any] = {"number": NUMBER, "state": None, "identity": None, "locked": True}


def _summaries() -> list[dict[str, Any]]:
    keys = ("number", "state", "kind", "unit", "matter", "received_at", "binding_by", "high")
    return [{key: found[key] for key in keys} for found in _cases()]


def _listed(most: int = 10) -> Sample:
    shown = _summaries()[:most]
    return Sample({"cases": shown}, tuple(Choice("details", (str(n),)) for n, _ in enumerate(shown)))


def _promise(text: str, *, tariffs: int = 0, days: int | None = None) -> dict[str, Any]:
    """What is written of one component of a standard."""
    amounts = [{"what": text if n else "", "rupiah": 50_000 * n} for n in range(tariffs)]
    return {"text": [text] if text else [], "tariffs": amounts, "working_days": days, "source": text or "UU 24/2013"}


_FREE = {"text": [], "tariffs": [{"what": "", "rupiah": 0}], "working_days": None, "source": "UU 24/2013 Ps 79A"}
COMPONENTS = (
    "requirements", "procedure", "duration", "fee", "product", "complaints", "legal_basis", "facilities", "competence",
    "supervision", "staff", "guarantee", "safety", "evaluation",
)  # fmt: skip


def _differences() -> list[dict[str, Any] | None]:
    """What a card says of a story beside the standard of its service."""
    found: list[dict[str, Any] | None] = [None]
    for text in ("Perda 1/2024", HOSTILE, LONG):
        rows = (
            ("fee", _FREE, 50_000),
            ("fee", _promise(text, tariffs=3), 75_000),
            ("duration", _promise(text, days=14), 60),
            ("requirements", _promise(text), [text, "bukti lunas pbb"]),
        )
        each = [{"component": part, "promise": promise, "said": said} for part, promise, said in rows]
        found.append({"service": {"id": text[:80], "en": text[:80]}, "rows": each})
    return found


def _standards() -> tuple[Sample, ...]:
    """Pages of a service: nothing written, the fee alone, everything, also with what hostile people write."""
    empty: dict[str, Any] = dict.fromkeys(COMPONENTS)
    whole = {part: {**_promise(text), "text": [text] * 3} for part in COMPONENTS for text in ("Fotokopi KTP",)}
    hostile = {part: _promise(HOSTILE, tariffs=2, days=3) for part in COMPONENTS}
    plain: dict[str, Any] = {"name": MATTER, "office": UNIT, "unit_kind": None, "places": [], "standard": empty}
    place = {"name": HOSTILE, "address": None}
    onward = _choices("complain_about", "ask_about", arg="family_card")
    return (
        Sample(plain, onward),
        *(Sample({**plain, "office": None, "unit_kind": kind}) for kind in (None, "kelurahan", "puskesmas")),
        Sample({**plain, "standard": {**empty, "fee": _FREE, "duration": _promise("", days=14)}}, onward),
        Sample(
            {**plain, "standard": whole, "places": [{"name": "Mal Pelayanan Publik", "address": "Jalan Teladan 1"}]}
        ),
        Sample({**plain, "office": HOSTILE, "name": {"id": HOSTILE}, "standard": hostile, "places": [place]}, onward),
    )


def _brief_of_standards(n: int) -> dict[str, Any]:
    missing = [{"component": part, "count": n} for part in COMPONENTS[: n * 5]]
    return {"services": n, "filled": n, "of": 14 * n, "missing": missing}


def _cards() -> tuple[Sample, ...]:
    buttons = _choices("take", "answer", "ask_citizen", "forward", "not_ours", "postpone", "finish", "remind", "note")
    watching = _choices("forward", "remind", "ask_why", "first", "not_first", "explain", "note")
    notes = (
        "first",
        "not_first",
        "new",
        "stale",
        "taken",
        "finished",
        "forwarded",
        "reopened",
        "noted",
        "postponed",
        "undone",
        None,
    )
    return (
        *(Sample({**shown, "differs": None, "note": "new"}, buttons) for shown in _cases()),
        Sample({**case(), "note": "new"}, buttons),  # of an older release
        *(Sample({**case(), "differs": differs, "note": "new"}, buttons) for differs in _differences()),
        *(Sample({**case(), "differs": None, "note": note}, (*buttons, *_choices("undo"))) for note in notes),
        Sample({**case(), "differs": None, "note": None}, watching),
    )


#: Where a place is, as pages speak of it.
_SPOTS: tuple[dict[str, Any], ...] = (
    {"area": {"level": "kelurahan", "name": "Tomuan", "around": "Siantar Timur"}, "outside": False, "whose": None},
    {"area": {"level": "kecamatan", "name": "Siantar Timur", "around": None}, "outside": False, "whose": None},
    {"area": None, "outside": True, "whose": "Kabupaten Asahan"},
    {"area": None, "outside": True, "whose": None},
    {"area": None, "outside": False, "whose": None},
)


def _confirmations() -> tuple[Sample, ...]:
    plain: dict[str, Any] = {
        "first": False,
        "kind": "complaint",
        "story": STORY,
        "place": None,
        "photos": 0,
        "reader": f"Petugas pengaduan {UNIT}",
        "unit": UNIT,
        "kept_from": None,
        "oversight": False,
        "front_desk": False,
        "identity": "open",
        "name": None,
        "notify": False,
        "again": None,
        "roads": [],
    }
    again = {"number": NUMBER, "kind": "complaint", "matter": MATTER, "received_at": EARLIER}
    oversight = {"oversight": True, "identity": "confidential", "reader": INSPECTOR, "unit": "Inspektorat"}
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"first": True},
        {"first": True, "story": LONG, "place": "Jalan Sutomo", "photos": 3, "kept_from": UNIT, **oversight},
        *({"place": POINT, **where} for where in _SPOTS),
        {"story": HOSTILE, "place": HOSTILE, "name": HOSTILE, "reader": HOSTILE, "unit": HOSTILE},
        {"name": "Siti", "reader": "Lurah Teladan", "unit": "Kelurahan Teladan"},
        {"front_desk": True, "reader": "Petugas meja depan Bagian Organisasi", "unit": "Bagian Organisasi"},
        oversight,
        {"kept_from": HOSTILE, **oversight},
        {"identity": "anonymous"},
        {"identity": "anonymous", "notify": True},
        {"again": again},
        {"kept_from": "Inspektorat", "roads": ROADS, **oversight},
        {"again": {**again, "matter": {}}},
        {"identity": "confidential"},
        {"identity": "confidential", "photos": 1, "voices": 2, "videos": 1},
        {"voices": 1, "videos": 0},
        {"kind": "information"},
        {"kind": "aspiration", "first": True},
    )
    codes = ("send", "identity", "notify_me", "other_office", "as_complaint", "add_to_old", "edit", "cancel")
    choices = (*_choices(*codes), Choice("same_case", ("7", NUMBER, "3")))
    return tuple(Sample(plain | change, choices) for change in changes)


def _receipts() -> tuple[Sample, ...]:
    plain: dict[str, Any] = {
        "number": NUMBER,
        "pin": "042917",
        "unit": UNIT,
        "reader": f"Petugas pengaduan {UNIT}",
        "by": DUE,
        "kind": "complaint",
        "binding": True,
        "days": 14,
        "provisional": False,
        "next": f"Kepala {UNIT}",
        "identity": "open",
        "followed": True,
        "oversight": False,
        "front_desk": False,
        "kept_from": None,
        "outside": False,
        "listening": False,
    }
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"oversight": True, "kept_from": "Inspektorat", "outside": True},
        {"oversight": True, "roads": ROADS},
        {"provisional": True, "days": 1, "front_desk": True},
        {"front_desk": True, "listening": True},
        {"kind": "information", "days": 5},
        {"kind": "aspiration", "binding": False, "next": None},
        {"by": None, "days": None, "binding": False, "next": None},
        {"oversight": True, "kept_from": UNIT, "identity": "confidential", "next": "Sekretaris Daerah"},
        {"oversight": True, "identity": "anonymous", "followed": True, "next": None},
        {"identity": "anonymous", "followed": False},
        {"reader": HOSTILE, "unit": HOSTILE, "kept_from": HOSTILE, "next": HOSTILE},
    )
    return tuple(Sample(plain | change) for change in changes)


def _reminders(stages: tuple[str, ...]) -> tuple[Sample, ...]:
    plain = {"number": NUMBER, "unit": UNIT, "matter": MATTER, "by": DUE, "days_late": 0, "refusals": 0}
    return (
        *(Sample({**plain, "stage": stage}, _choices("details", "acknowledge")) for stage in stages),
        *(Sample({**plain, "stage": stage, "refusals": 2}, _choices("details")) for stage in stages),
        *(Sample({**plain, "stage": stage, "days_late": days}) for stage in stages for days in (1, 5)),
        Sample({**plain, "stage": stages[0], "matter": {}, "by": None, "unit": HOSTILE}),
    )


def _reminder_lists() -> tuple[Sample, ...]:
    plain = {"number": NUMBER, "unit": UNIT, "matter": MATTER, "by": DUE, "days_late": 0, "refusals": 0}
    stages = ("late", "again", "due", "first_response", "verify", "postponed", "soon", "soon")
    cases = [{**plain, "stage": stage, "days_late": 2 * (stage == "late")} for stage in stages]
    odd = [{**plain, "stage": "soon", "unit": HOSTILE, "matter": {}, "by": None}]
    hidden = {"unit": UNIT, "count": 4}
    pressed = (*(Choice("details", (str(n),)) for n in range(8)), *_choices("acknowledge", "desk"))
    return (
        Sample({"cases": cases, "more": 7, "count": 15, "hidden": None}, pressed),
        Sample({"cases": cases[:2], "more": 0, "count": 3, "hidden": hidden}, (*pressed[:2], *pressed[8:])),
        Sample({"cases": [], "more": 0, "count": 2, "hidden": {**hidden, "count": None}}, _choices("acknowledge")),
        Sample({"cases": odd, "more": 1, "count": 2, "hidden": {**hidden, "unit": HOSTILE}}, pressed[:1]),
    )


#: What a digest's picture shows.
PICTURE: dict[str, Any] = {
    "rows": [{"name": UNIT, "ages": [4, 2, 1], "late": 3}, {"name": "Kecamatan Teladan", "ages": [0, 0, 1], "late": 0}],
    "rest": {"name": "", "ages": [3, 0, 0], "late": 1, "offices": 3},
    "weeks": [
        {"day": EARLIER, "in_time": n, "counted": counted} for n, counted in enumerate((0, 4, 5, 9, 12, 7, 6, 30))
    ],
    "apart": 4,
    "whole": False,
}

_SORTS = ("late", "refused", "near", "silent", "paused")
_STILL = dict.fromkeys(("new", "late", "answered", "resolved", "closed", "refused"), 0)


def _seen(sort: str = "late", **changes: Any) -> dict[str, Any]:
    """A case as one entry of a digest."""
    plain = {
        "number": NUMBER,
        "unit": UNIT,
        "matter": MATTER,
        "kind": "complaint",
        "sort": sort,
        "since": DUE,
        "days": 3,
    }
    rest = {"reported": None, "taken": False, "told": None, "refused": False, "fresh": False}
    return {**plain, **rest, **changes}


def _limit(what: str, used: int, most: int, stage: int) -> dict[str, Any]:
    return {"what": what, "used": used, "most": most, "stage": stage}


def _digests() -> tuple[Sample, ...]:
    plain: dict[str, Any] = {
        "title": "Plt. Sekretaris Daerah",
        "kind": "daily",
        "since": EARLIER,
        "at": DUE,
        "open": 12,
        "late": 3,
        "changes": {**_STILL, "new": 2, "late": 1, "refused": 1},
        "cases": [_seen(sort, told="Kepala Bagian Organisasi") for sort in _SORTS],
        "more": {"late": 2, "refused": 0, "near": 1, "silent": 4, "paused": 2},
        "waiting": {"count": 2, "longest": 12},
        "unreachable": {"names": [UNIT, "Kelurahan Teladan"], "more": 1},
        "letters": None,
        "oversight": {"running": 3, "late": None},
        "unsendable": 0,
        "spending": [],
        "quiet": False,
        "picture": PICTURE,
    }
    none: dict[str, Any] = {"open": 0, "late": 0, "changes": _STILL, "cases": [], "more": dict.fromkeys(_SORTS, 0)}
    bare = {**none, "waiting": None, "unreachable": {"names": [], "more": 0}, "oversight": None, "picture": None}
    full = [
        _seen(taken=True, told=UNIT, refused=True, fresh=True, reported=UNIT, days=n)
        for n in (0, 1, 2, 5, 9, 20, 40, 99)
    ]
    changes: tuple[dict[str, Any], ...] = (
        {},
        {**bare, "quiet": True},
        {**bare, "quiet": True, "kind": "now"},
        {**bare, "quiet": True, "unsendable": 2},
        {"unsendable": 1},
        {**bare, "quiet": True, "spending": [_limit("free", 812, 1000, 80)]},
        {"spending": [_limit("free", 1412, 1000, 100), _limit("budget", 1500, 5000, 0), _limit("budget", 0, 9, 0)]},
        {**bare, "open": 1, "kind": "now"},
        {**bare, "oversight": {"open": None, "late": 0}},
        {"letters": {"open": 2, "late": 1}, "cases": [_seen(matter={}, kind="letter", high=True)]},
        {**bare, "oversight": {"running": None, "late": None}},
        {"cases": [_seen("near", days=n) for n in (0, 1, 2)]},
        {"cases": full, "late": 40, "changes": dict.fromkeys(_STILL, 9), "kind": "now"},
        {"waiting": {"count": 1, "longest": 1}, "cases": [_seen("silent", days=1, matter={}, kind="aspiration")]},
        {
            "title": HOSTILE,
            "cases": [_seen(unit=HOSTILE, told=HOSTILE, reported=HOSTILE)],
            "unreachable": {"names": [HOSTILE], "more": 0},
        },
    )
    every = [plain | change for change in changes]
    return tuple(Sample(one, _acts(one["cases"])) for one in every)


def _acts(cases: list[Any]) -> tuple[Choice, ...]:
    """A digest's buttons: each case, and the reminder of the late ones."""
    opens = tuple(Choice("details", (str(n),)) for n, _ in enumerate(cases))
    return (*opens, *((Choice("remind_late", ("1", "2")),) if cases else ()))


PAPER: dict[str, Any] = {
    "post": "SEKDA",
    "at": DUE,
    **dict.fromkeys(("received", "settled", "refused", "unanswered", "open", "late"), 5),
    **dict.fromkeys(("counted", "owed", "judged"), 9),
    "in_time": 7,
    "median_days": 6.5,
    "p90_days": None,
    "offices": [{"name": UNIT, **dict.fromkeys(("received", "settled", "counted", "in_time", "late"), 5)}],
    "picture": PICTURE,
}


def _reports() -> tuple[Sample, ...]:
    plain: dict[str, Any] = {
        "title": "Wali Kota Pematangsiantar",
        "kind": "weekly",
        "from_day": EARLIER,
        "to_day": DUE,
        "received": 14,
        "settled": 9,
        "counted": 12,
        "in_time": 7,
        "late": 3,
        "refused": 1,
        "median_days": 6.5,
        "ratings": {"count": 4, "average": 3.5, "none": 2},
        "oversight": {"running": 3, "late": None},
        "offices": {"rows": [{"name": UNIT, "received": 9, "late": 2}], "rest": {"received": 5, "late": 1}},
        "shielded": {"rows": [[UNIT, 4]], "standing": True},
        "paper": PAPER,
    }
    empty = dict.fromkeys(("received", "settled", "counted", "in_time", "late", "refused"), 0)
    bare = {"ratings": {"count": 0, "average": None, "none": 0}, "offices": {"rows": [], "rest": None}}
    changes: tuple[dict[str, Any], ...] = (
        {},
        {"open": 21, "owed": 13, "unanswered": 4, "judged": 7, "p90_days": 11.2, "answer_days": 1.5},
        {**empty, **bare, "median_days": None, "oversight": None, "shielded": {"rows": [], "rest": 0}},
        {"kind": "monthly", "shielded": {"rows": [], "rest": None}, "median_days": 4.0},
        {"offices": {"rows": [{"name": HOSTILE, "received": 9, "late": 2}] * 10, "rest": None}, "title": HOSTILE},
        {"shielded": {"rows": [[HOSTILE, 4], [UNIT, 3]], "rest": 0}},
    )
    return tuple(Sample(plain | change) for change in changes)


_NOTHING = (Sample({}),)
_DAY_CHANGES = ("added", "local", "cancelled", "confirmed")
_COUNTS = ((0, 0, 0, 0, 0, False), (20, 7, 3, 1, 4, True), (0, 0, 0, 0, 2, False))
#: What the forms of /atur ask, and why a decision does not fit.
_ASKED = (
    "closure_unit", "closure_days", "alias_unit", "alias_words", "area_code", "area_name", "unit_kind", "unit_name",
    "unit_parent", "unit_area", "answer_title", "answer_text", "answer_matter", "basis",
)  # fmt: skip
_UNFIT = (
    "already", "taken", "in_use", "no_unit", "no_area", "no_area_code", "no_unit_code", "no_kind", "no_calendar",
    "no_name", "no_title", "no_matter", "no_page", "no_language", "no_days", "too_long", "braces", "unknown_fact",
    "missing_fact", "base_changed",
)  # fmt: skip
_TYPED = tuple(Sample({"typed": text}) for text in ("layanan apa itu", HOSTILE))
_LISTENERS = {"listener": "Bagian Organisasi", "inspectorate": "Inspektorat"}
_CHANNELS = ["phone", "telegram", "whatsapp"]
_FIRST = (Sample({"first": True}), Sample({"first": False}))
_UNITS = tuple(Sample({"unit": unit}) for unit in (UNIT, HOSTILE))
_NUMBERED = (Sample({"number": NUMBER}),)
_REFUSED = (
    Sample({}),
    *(Sample({"why": why}) for why in ("unreadable", "too_large", "not_fetched")),
    *(
        Sample({"why": why, "kind": kind})
        for why in ("unreadable", "too_large", "not_fetched")
        for kind in ("photo", "document", "voice", "video")
    ),
)
_TOWN = (Sample({"town": "Kota Pematangsiantar"}), Sample({"town": HOSTILE}))
_OFFICES = (Choice("office", ("DISDUKCAPIL", "3")), Choice("office", ("KEL-TELADAN", "3")), Choice("unknown", ("3",)))
_TOLD = tuple(Sample({"number": NUMBER, "unit": UNIT, "text": text}) for text in TEXTS)
_LATE = ("verify", "first_response", "soon", "due", "late", "again", "postponed")
_DAYS = {"since": EARLIER, "until": DUE}
_PUSHED = tuple(
    Sample({"number": NUMBER, "unit": unit, "post": post, "by": by}, _choices("details"))
    for unit, post, by in ((UNIT, "Plt. Kepala Dinas", DUE), (HOSTILE, HOSTILE, None))
)
_EXPLAINED = tuple(
    Sample({"number": NUMBER, "unit": UNIT, "post": "Sekretaris Daerah", "text": text}, _choices("details"))
    for text in TEXTS
)
_ASKED_WHY = tuple(Sample({**sample.facts, "by": DUE}, _choices("explain", "details")) for sample in _EXPLAINED)
_FOUND = tuple(
    {"day": EARLIER, "post": post, "text": text, "follow_up": later}
    for post, text, later in (("Sekretaris Daerah", STORY, DUE), (HOSTILE, HOSTILE, None), (None, LONG, None))
)
_CANCEL = (Choice("cancel"),)
_SEE_CASE = (Choice("details", ("7",)),)
_UNDO_ACT = (Choice("undo_act", ("7",)),)
_UNDO_DAY = Choice("decision_undo", ("7", "2027-04-24"))
_ODD = ("sticker", "contact", "unreadable", "too_large", "too_many", "something else")
_AGREE = (Choice("agree"), Choice("disagree"))
_RATES = _choices("rate_1", "rate_2", "rate_3", "rate_4")

SAMPLES: dict[str, tuple[Sample, ...]] = {
    "citizen/accepted": (Sample({"number": NUMBER}, _RATES),),
    "citizen/added": tuple(
        Sample(
            {"number": NUMBER, "answered": answered, "asked": asked, "corrects": corrects},
            _choices("not_done", "done"),
        )
        for answered, asked, corrects in (
            (True, False, False),
            (False, True, False),
            (False, False, False),
            (True, False, True),
        )
    ),
    "citizen/ask_pin": tuple(Sample({"number": NUMBER, "first": first}) for first in (True, False)),
    "citizen/ask_story": tuple(
        Sample({"first": first, "kind": kind, "service": service})
        for first in (True, False)
        for kind in ("information", "aspiration", "complaint")
        for service in ({}, MATTER, {"id": HOSTILE, "en": HOSTILE})
    ),
    "citizen/answer": tuple(Sample({**sample.facts, "photos_of": "7"}) for sample in _TOLD),
    "citizen/case": tuple(
        Sample(shown, _choices("reply", "not_done", "done", "withdraw", "lock", "new_pin")) for shown in _cases()
    ),
    "citizen/case_closed": _NUMBERED,
    "citizen/bad_join_code": _NOTHING,
    "citizen/cases": (
        _listed(),
        _listed(1),
        Sample({"cases": [{"number": NUMBER, "locked": True}]}, (Choice("details", ("1",)),)),
    ),
    "citizen/closed": (Sample({"number": NUMBER}, _choices("not_done", "rate")),),
    "citizen/climbed": tuple(
        Sample(
            {"number": NUMBER, "unit": unit, "post": post, "by": by, "counts": counts, "again": again, "roads": ROADS}
        )
        for unit, post, by in ((UNIT, "Plt. Sekretaris Daerah", DUE), (HOSTILE, HOSTILE, None))
        for counts, again in ((True, False), (False, False), (False, True))
    )
    + tuple(
        Sample({"number": NUMBER, "unit": UNIT, "post": post, "by": DUE, "counts": bool(post), "roads": roads})
        for post, roads in (("Sekretaris Daerah", ROADS), (None, ROADS), (None, []))
    ),
    "citizen/confirm": _confirmations(),
    "citizen/agreed": tuple(Sample({"yes": yes}) for yes in (True, False)),
    "citizen/data": tuple(
        Sample(
            {
                "cases": cases,
                "more": more,
                "name": name,
                "spoken": spoken,
                "files": files,
                "agreed": files == 1,
                "phone": "+62 811-5550-1234" if files else None,
                "drafts": 7,
                "sent": 30,
                **beside,
            },
            (Choice("disagree"),) if files == 1 else (),
        )
        for cases, more in (([], 0), ([_LOCKED, *(_kept(state) for state in STATES[:9])], 2))
        for name, spoken, files in ((None, "id", 0), ("Siti", "en", 2), (HOSTILE, "id", 1))
        for beside in ({"draft": False, "chats": 1}, {"draft": True, "chats": 2})
    ),
    "citizen/care": tuple(
        Sample({"care": care, "numbers": {"police": "110", "fire": "113", "ambulance": "119", **more}})
        for care, more in (
            ("home", {"sapa": "129", "sapa_whatsapp": "08111129129"}),
            ("child", {"general": "112", "sapa": "129"}),
            ("self", {}),
        )
    ),
    "citizen/data_kept": _NOTHING,
    "citizen/disagreed": _NOTHING,
    "citizen/discarded": _NOTHING,
    "citizen/edit_unknown": _NOTHING,
    "citizen/elsewhere": tuple(
        Sample({"first": first, "body": body}, _choices("refer", "send_anyway"))
        for first in (True, False)
        for body in BODIES
    ),
    "citizen/emergency": (
        Sample({"numbers": {"police": "110", "fire": "113", "ambulance": "119"}, "now": True}),
        Sample({"numbers": {"general": "112", "rescue": "115", "Damkar <Siantar>": "0622"}, "now": False}),
        *(
            Sample(
                {"numbers": {"police": "110", "fire": "113"}, "now": False, "asks": True, "first": first},
                _choices("emergency_yes", "emergency_no"),
            )
            for first in (True, False)
        ),
    ),
    "citizen/erase": tuple(
        Sample({"cases": cases, "open": still}, _choices("keep_data", "erase_data", arg="2026-09-07"))
        for cases, still in ((0, 0), (1, 1), (12, 0))
    ),
    "citizen/erased": (Sample({"cases": 0}), Sample({"cases": 2})),
    "citizen/file_refused": _REFUSED,
    "citizen/date_moved": tuple(
        Sample({"number": NUMBER, "by": DUE, "before": before, "provisional": unsure}, _SEE_CASE)
        for before, unsure in ((EARLIER, False), (EARLIER, True), (None, False))
    ),
    "citizen/forwarded": (Sample({"number": NUMBER, "unit": UNIT}), Sample({"number": NUMBER, "unit": HOSTILE})),
    "citizen/identity": tuple(
        Sample({"present": present, "name": name}, _choices(*IDENTITIES, "call_name"))
        for present in IDENTITIES
        for name in (None, "Siti", HOSTILE)
    ),
    "citizen/lapsed": (Sample({"number": NUMBER, "unit": UNIT, "by": None, "question": STORY}, _choices("reply")),),
    "citizen/join": (
        *(Sample({"channel": channel, "number": None}, _choices("stay_apart", "join_code")) for channel in _CHANNELS),
        Sample({"channel": None, "number": NUMBER}, _choices("stay_apart", "join_case")),
    ),
    "citizen/join_code": (Sample({"code": "7K3QD8ZM", "minutes": 15}),),
    "citizen/joined": (*(Sample({"channels": [channel]}) for channel in _CHANNELS), Sample({"channels": _CHANNELS})),
    "citizen/joined_other": tuple(Sample({"channel": channel}) for channel in _CHANNELS),
    "citizen/lock": (Sample({"number": NUMBER}, _choices("lock_now", "new_pin", "keep")),),
    "citizen/lock_set": tuple(Sample({"number": NUMBER, "locked": locked}) for locked in (True, False)),
    "citizen/locked": _NUMBERED,
    "citizen/locked_news": _NUMBERED,
    "citizen/menu": _TOWN,
    "citizen/name": _NOTHING,
    "citizen/new_pin": (Sample({"number": NUMBER, "pin": "042917"}, _choices("lock")),),
    "citizen/no_cases": _NOTHING,
    "citizen/not_found": _NOTHING,
    "citizen/not_joined": _NOTHING,
    "citizen/nothing_to_cancel": _NOTHING,
    "citizen/odd": tuple(Sample({"what": what, "first": first}) for what in _ODD for first in (True, False)),
    "citizen/office": tuple(
        Sample({"first": first, "any": bool(offices)}, (*offices, *_choices("unknown")))
        for first in (True, False)
        for offices in (_OFFICES[:2], (*_OFFICES[:1], Choice("body", ("PLN", "PLN (listrik)", "3"))), ())
    ),
    "citizen/parked": tuple(Sample({"story": text}, _choices("continue", "discard")) for text in (*TEXTS, "")),
    "citizen/heard": tuple(
        Sample(
            {"number": NUMBER, "unit": UNIT, "text": text, "until": DUE, "reader": reader, "kept_from": kept_from},
            _choices("heard_yes", "heard_fix"),
        )
        for text in TEXTS
        for reader, kept_from in ((UNIT, None), ("Inspektorat", UNIT), (HOSTILE, HOSTILE))
    ),
    "citizen/heard_done": tuple(
        Sample(
            {
                "number": NUMBER,
                "unit": unit,
                "by": by,
                "provisional": provisional,
                "kept_from": kept_from,
                "silent": silent,
            }
        )
        for unit, by, provisional, kept_from in (
            (UNIT, DUE, False, None),
            ("Inspektorat", DUE, True, UNIT),
            (HOSTILE, None, False, HOSTILE),
        )
        for silent in (True, False)
    ),
    "citizen/heard_words": (Sample({"number": NUMBER}, _CANCEL),),
    "citizen/parted": tuple(
        Sample({"alone": alone, "cases": cases}) for alone, cases in ((True, 0), (False, 0), (False, 3))
    ),
    "citizen/photo_kept": _FIRST
    + tuple(
        Sample(
            {**sample.facts, "photos": photos, "voices": voices, "videos": videos, **_LISTENERS},
            _choices("voice_only", "voice_accuses") if voices else (),
        )
        for sample in _FIRST
        for photos, voices, videos in ((1, 0, 0), (0, 1, 0), (0, 0, 1), (1, 1, 1))
    ),
    "citizen/place": tuple(Sample(sample.facts, _choices("skip")) for sample in _FIRST),
    "citizen/place_kept": tuple(
        Sample({"place": place, "first": first, **where}, (Choice("add_to", ("7", NUMBER, "3")),))
        for place, first in ((POINT, True), (HOSTILE, False))
        for where in _SPOTS
    ),
    "citizen/postponed": tuple(
        Sample({"number": NUMBER, "unit": UNIT, "text": text, "until": DUE, "by": by})
        for text in TEXTS
        for by in (DUE, None)
    ),
    "citizen/privacy": tuple(
        Sample(
            {
                "town": "Kota Pematangsiantar",
                "drafts": 7,
                "sent": 30,
                "channels": channels,
                "supervisors": supervisors,
                "inspectorate": "Inspektorat",
                "desk": "Bagian Organisasi",
                "contact": contact,
                "place": place,
            }
        )
        for channels, supervisors, contact, place in (
            (["telegram", "whatsapp"], ["Wali Kota", "Sekretaris Daerah", "Kepala Bagian"], "", ""),
            ([], [], HOSTILE, HOSTILE),
            (["phone"], ["Sekretaris Daerah"], "Diskominfo", "server Diskominfo"),
        )
    ),
    "citizen/question": tuple(
        Sample({"number": NUMBER, "unit": unit, "text": text, **stops}, _choices("reply"))
        for unit in (UNIT, HOSTILE)
        for text in TEXTS
        for stops in ({}, {"stops": False})
    ),
    "citizen/rate": (Sample({"number": NUMBER}, _RATES),),
    "citizen/rated": tuple(Sample({"number": NUMBER, "again": again}) for again in (False, True)),
    "citizen/receipt": (
        *(Sample({**sample.facts, "asks_consent": False}) for sample in _receipts()),
        *(Sample({**sample.facts, "asks_consent": True}, _AGREE) for sample in _receipts()[:2]),
    ),
    "citizen/referred": tuple(
        Sample({"number": NUMBER, "pin": "042917", "body": body, "followed": followed})
        for followed in (True, False)
        for body in BODIES
    ),
    "citizen/reopened": tuple(
        Sample({"number": NUMBER, "by": by, "next": post}, _choices("add"))
        for by, post in ((DUE, None), (DUE, "Lurah"), (None, HOSTILE))
    ),
    "citizen/reply_left": _NOTHING,
    "citizen/reply_now": tuple(Sample({"number": NUMBER, "asked": asked}, _CANCEL) for asked in (True, False)),
    "citizen/voice_gone": _NOTHING,
    "citizen/voice_lost": (Sample({"number": NUMBER}, _choices("write_it")),),
    "citizen/resolved": (
        *(Sample({**sample.facts, "photos_of": "7"}, _choices("not_done", "done")) for sample in _TOLD),
        *(
            Sample(
                {**sample.facts, "photos_of": "7", "rates": True},
                _choices("not_done", "done", "done_4", "done_3", "done_2", "done_1"),
            )
            for sample in _TOLD
        ),
    ),
    "citizen/rewrite": _NOTHING,
    "citizen/stale": _NOTHING,
    "citizen/standard_none": _TYPED,
    "citizen/still_asked": tuple(
        Sample({"number": NUMBER, "unit": UNIT, "by": DUE, "question": text}, _choices("reply")) for text in TEXTS
    ),
    "citizen/taken": (Sample({"number": NUMBER, "unit": UNIT}), Sample({"number": NUMBER, "unit": HOSTILE})),
    "citizen/thanks": _NOTHING,
    "citizen/too_long": tuple(
        Sample({"begun": begun, "first": first}) for begun, first in ((True, False), (False, True), (False, False))
    ),
    "citizen/welcome": tuple(
        Sample({**town.facts, "first": first, "unit": unit})
        for town in _TOWN
        for first, unit in ((True, None), (False, UNIT), (True, HOSTILE))
    ),
    "citizen/which_case": tuple(
        Sample({"story": text, "photos": photos}, (Choice("add_to", ("7", NUMBER, "3")), *_choices("new_story")))
        for text, photos in (*((text, 0) for text in TEXTS), ("", 2))
    ),
    "citizen/which_old": (Sample({}, (Choice("add_to", ("7", NUMBER, "3")), *_choices("continue"))),),
    "citizen/withdraw": (Sample({"number": NUMBER}, _choices("keep", "withdraw_now")),),
    "citizen/withdrawn": _NUMBERED,
    "officer/addition": tuple(
        Sample({"number": NUMBER, "text": text, "photos": photos, "asked": asked, **more})
        for text in (*TEXTS, "", POINT, f"{HOSTILE} ({POINT})")
        for photos, asked, more in (
            (0, False, {"corrects": False}),
            (1, True, {}),
            (2, False, {"voices": 1, "videos": 2, "corrects": False}),
            (0, False, {"voices": 2, "videos": 1, "corrects": True}),
            (0, False, {"corrects": True}),
        )
    ),
    "officer/already_sent": (Sample({"number": NUMBER}, _choices("details")),),
    "officer/answer_sent": tuple(Sample({"number": NUMBER, "reaches": reaches}) for reaches in (True, False)),
    "officer/ask_answer": (Sample({"number": NUMBER}, (*_choices("ready_answers"), Choice("cancel"))),),
    "officer/ready_answers": tuple(
        Sample(
            {"number": NUMBER, "answers": [{"title": title, "text": text} for text in TEXTS]},
            (Choice("ready_answer", ("7", "Sedang kami periksa")), *_CANCEL),
        )
        for title in ("Sedang kami periksa", HOSTILE)
    ),
    "officer/ask_explanation": (Sample({"number": NUMBER}, _CANCEL),),
    "officer/ask_finish": (Sample({"number": NUMBER}, (Choice("cancel"),)),),
    "officer/ask_heard": (Sample({"number": NUMBER}, _CANCEL),),
    "officer/heard_sent": tuple(
        Sample({"number": NUMBER, "until": DUE, "reaches": reaches}, _choices("details")) for reaches in (True, False)
    ),
    "officer/ask_note": (Sample({"number": NUMBER}, _CANCEL),),
    "officer/ask_question": (Sample({"number": NUMBER}, _CANCEL),),
    "officer/ask_why": (Sample({"number": NUMBER}, _CANCEL),),
    "officer/bad_code": _NOTHING,
    "officer/cancelled": _NOTHING,
    "officer/card": _cards(),
    "officer/confirm_answer": tuple(
        Sample(
            {
                "number": NUMBER,
                "text": text,
                "identity": identity,
                "name": name,
                "question": asks,
                "stops": stops,
                "photos_count": n,
                **more,
            },
            _choices("send", "edit", "cancel"),
        )
        for text in TEXTS
        for identity, name in (*((one, None) for one in IDENTITIES), ("open", "Siti"), ("open", HOSTILE))
        for asks, stops, n, more in (
            (False, True, 0, {}),
            (False, True, 2, {}),
            (True, True, 0, {}),
            (True, False, 0, {}),
            (False, True, 0, {"voices_count": 1, "videos_count": 2}),
        )
    ),
    "officer/confirm_record": tuple(
        Sample(
            {
                "story": text,
                "contact": contact,
                "reader": reader,
                "unit": UNIT,
                "front_desk": desk,
                "kept_from": kept,
                "oversight": over,
            },
            (Choice("record"), *_choices("record_contact"), *_CANCEL),
        )
        for text, contact, reader, desk, kept, over in (
            (STORY, HOSTILE, "Lurah Teladan", True, None, False),
            (LONG, "", HOSTILE, False, HOSTILE, True),
            (HOSTILE, "", INSPECTOR, False, None, True),
        )
    ),
    "officer/date_unknown": (Sample({"example": "7/12"}),),
    "officer/dead_letter": tuple(
        Sample({"number": number, "unit": unit, "post": unit, "by": by, **more})
        for number, unit, by, more in (
            (NUMBER, UNIT, DUE, {"since": DUE, "town": "Kota Pematangsiantar", "date": DUE}),
            (None, "Inspektorat", None, {"since": None, "town": "Kota Pematangsiantar", "date": DUE}),
            (NUMBER, HOSTILE, None, {}),
        )
    ),
    "officer/desk": (
        _listed(),
        Sample({"cases": []}),
        *(
            Sample({"cases": shown, "of_unit": unit, "more": more, "late": late})
            for shown, more in (([], False), (_summaries()[:2], True))
            for unit in (UNIT, HOSTILE)
            for late in (True, False)
        ),
    ),
    "officer/done": tuple(
        Sample({"number": NUMBER, "note": note, "unit": unit}, _choices("undo"))
        for note in ("forwarded", "finished")
        for unit in (UNIT, HOSTILE)
    ),
    "officer/enrolled": (Sample({"post": "Lurah Teladan", "town": "Kota Pematangsiantar"}),),
    "officer/file_refused": _REFUSED,
    "officer/forward": (
        Sample({"number": NUMBER, "any": True}, (Choice("forward_to", ("7", "KEL-TELADAN")), Choice("cancel"))),
        Sample({"number": NUMBER, "any": False}, (Choice("cancel"),)),
    ),
    "officer/forward_refused": _NUMBERED,
    "officer/found": tuple(
        Sample({"cases": _summaries()[:n], "more": more}, tuple(Choice("details", (str(k),)) for k in range(n)))
        for n, more in ((9, True), (1, False), (0, False))
    ),
    "officer/bell": tuple(
        Sample({"number": NUMBER, "unit": unit, "by": by}, _choices("open_case"))
        for unit, by in ((UNIT, DUE), (HOSTILE, DUE), (UNIT, None))
    ),
    "officer/group_bound": _UNITS,
    "officer/group_ended": _UNITS,
    "officer/group_how": _NOTHING,
    "officer/group_none": _NOTHING,
    "officer/group_not_recorded": (Sample({"number": NUMBER}, _choices("details")), Sample({"number": None})),
    "officer/group_unit": (Sample({}, tuple(Choice("group_unit", ("7", unit)) for unit in NAMES)),),
    "officer/leave": (
        Sample({"since": None, "until": None, "example": "23/11 - 27/11"}, _CANCEL),
        Sample({**_DAYS, "example": ""}, (Choice("end_leave", ("7",)), *_CANCEL)),
    ),
    "officer/act_away": _form({}),
    "officer/act_code": tuple(
        Sample({**act, "code": "7K3QD8XYZ0", "bot": bot, "number": number, "expires": DUE}, _UNDO_ACT)
        for act in _decided_acts()[:4]
        for bot, number in (("TanggapPetugasBot", "628116000000"), (None, ""))
    ),
    "officer/act_days": _form({"post": HOSTILE}),
    "officer/act_decree": _form({"post": HOSTILE}),
    "officer/act_done": tuple(
        Sample({**act, "undone": undone}, () if undone else _UNDO_ACT)
        for act in _decided_acts()
        for undone in (False, True)
    ),
    "officer/act_group": _form({}),
    "officer/act_holding": _form({}),
    "officer/act_kind": _form({"post": HOSTILE}),
    "officer/act_post": _form({}),
    "officer/act_preview": tuple(Sample(act, (Choice("sign_act", ("7",)), *_CANCEL)) for act in _decided_acts()),
    "officer/act_refused": tuple(Sample({"why": why}) for why in ("conflict", "last_admin", "too_late", "forgotten")),
    "officer/act_substitute": _form({"post": HOSTILE}),
    "officer/act_until": _form({"post": HOSTILE}),
    "officer/acts": (
        Sample({"acts": []}, _choices("appoint", "hand_over", "end_holding", "stand_in", "unbind")),
        Sample(
            {
                "acts": [
                    {"letter": "a", "what": act["what"], "post": act["post"], "unit": act["unit"], "at": EARLIER}
                    for act in _decided_acts()
                ]
            },
            (*_choices("appoint", "hand_over"), Choice("undo_act", ("7", "a"))),
        ),
    ),
    "officer/admin_only": _NOTHING,
    "officer/calendar": (
        Sample({"off": [], "decided": [], "unsure": []}, _choices("calendar_added", "calendar_local")),
        Sample(
            {"off": [_DAYS, {"since": DUE, "until": DUE}], "decided": _decided(HOSTILE), "unsure": [2027, 2028]},
            (*_choices("calendar_cancelled"), Choice("calendar_year", ("2027",)), _UNDO_DAY),
        ),
    ),
    "officer/calendar_already": tuple(Sample({**_DAYS, "what": what}, _CANCEL) for what in ("local", "cancelled")),
    "officer/calendar_basis": (
        Sample({**_DAYS, "what": "added", "year": 2027, "off": []}, _CANCEL),
        Sample({**_DAYS, "what": "confirmed", "year": 2027, "off": [_DAYS] * 22}, _CANCEL),
    ),
    "officer/calendar_days": tuple(
        Sample({"what": what, "example": "24/4/2027"}, _CANCEL) for what in ("added", "local", "cancelled")
    ),
    "officer/decide": tuple(
        Sample({**sample.facts, "asked": asked, "about": about}, sample.choices)
        for sample in _form({})
        for asked in _ASKED
        for about in (UNIT, "")
    ),
    "officer/decide_page": _form({"pages": ["welcome", "answer"]}),
    "officer/decide_wording": tuple(
        Sample({**sample.facts, "page": page, "needs": needs, "may": may, **examples})
        for sample in _form({})
        for page, needs, may, examples in (
            ("citizen/thanks", [], [], {}),
            ("citizen/taken", ["{number}"], ["{unit}"], {"number": NUMBER, "unit": HOSTILE}),
        )
    ),
    "officer/decided": (
        Sample({"decided": []}),
        Sample({"decided": _decided(HOSTILE)[:8]}, (_UNDO_DAY, Choice("decided", ("8",)))),
    ),
    "officer/decision_conflict": _NOTHING,
    "officer/decision_counting": _NOTHING,
    "officer/decision_preview": tuple(
        Sample({**decided, "effect": effect}, (Choice("decision_sign", ("7",)), *_CANCEL))
        for decided in _previewed(HOSTILE)
        for effect in (None, *(_effect(*counts) for counts in _COUNTS))
    ),
    "officer/decision_refused": _NOTHING,
    "officer/decision_set": tuple(
        Sample({**decided, "undone": undone, "counted": not undone}, () if undone else (_UNDO_DAY,))
        for decided in _decided(HOSTILE)
        for undone in (False, True)
    ),
    "officer/decision_unfit": tuple(Sample({"why": why, "about": about}) for why in _UNFIT for about in ("", HOSTILE)),
    "officer/decisions": (
        Sample({"decided": []}, _choices("decide_alias")),
        Sample({"decided": _decided(HOSTILE)}, (*_choices("decide_closure"), _UNDO_DAY, Choice("decided", ("0",)))),
    ),
    "officer/leave_told": tuple(Sample({**_DAYS, "instead": instead}) for instead in (INSPECTOR, HOSTILE)),
    "officer/leave_over": _NOTHING,
    "officer/leave_set": tuple(Sample({**_DAYS, "alone": alone}) for alone in (True, False)),
    "officer/leave_substitute": (
        Sample(_DAYS, (Choice("substitute", ("7", "Plt. Lurah Teladan")), Choice("no_substitute"), *_CANCEL)),
    ),
    "officer/menu": tuple(
        Sample({"posts": posts, "admin": more, "letters": more})
        for posts, more in ((["Lurah Teladan", "Camat Siantar Barat"], False), ([HOSTILE], True))
    ),
    "officer/not_found": _NOTHING,
    "officer/not_ours": tuple(
        Sample(
            {"number": NUMBER, "any": bool(units), "third": third},
            (*(Choice("hand_back_to", ("7", unit)) for unit in units), Choice("hand_back", ("7",)), *_CANCEL),
        )
        for units, third in ((("KEL-TELADAN",), False), ((), False), ((), True))
    ),
    "officer/nothing_to_cancel": _NOTHING,
    "officer/odd": tuple(Sample({"what": what}) for what in (*_ODD, "place")),
    "officer/photo_added": _NUMBERED,
    "officer/photo_kept": (*_NUMBERED, *(Sample({"number": NUMBER, **one}) for one in ({"voices": 1}, {"videos": 1}))),
    "officer/postpone": tuple(
        Sample(
            {"number": NUMBER, "by": by, "example": "7/12"},
            (Choice("postpone_to", ("7", "2026-12-07")), *_CANCEL),
        )
        for by in (DUE, None)
    ),
    "officer/postpone_why": (Sample({"until": DUE}, _CANCEL),),
    "officer/pushed": _PUSHED,
    "officer/question_sent": tuple(
        Sample({"number": NUMBER, "reaches": reaches, "stops": stops})
        for reaches, stops in ((True, True), (False, True), (True, False))
    ),
    "officer/record": (Sample({}, _CANCEL),),
    "officer/record_contact": (Sample({}, _CANCEL),),
    "officer/recorded": _receipts(),
    "officer/reminder": _reminders(_LATE),
    "officer/reminders": _reminder_lists(),
    "officer/run_again": tuple(Sample({"number": NUMBER, "by": by}, _choices("details")) for by in (DUE, None)),
    "officer/standard_none": _TYPED,
    "officer/stranger": _NOTHING,
    "officer/stranger_here": _NOTHING,
    "officer/substituting": tuple(
        Sample({"posts": posts, **_DAYS}) for posts in (["Lurah Teladan", "Camat Siantar Barat"], [HOSTILE])
    ),
    "officer/text_please": _NUMBERED,
    "officer/too_long": (
        Sample({"begun": True}, (Choice("record"), *_CANCEL)),
        Sample({"begun": False}, _CANCEL),
    ),
    "officer/undelivered": tuple(
        Sample({"number": NUMBER, "what": what, **waits}, _choices("details"))
        for what in ("question", "answer", "resolved", "locked_news")
        for waits in ({"by_file": True, "counts": False}, {"by_file": False, "counts": True}, {"waits": True})
    ),
    "officer/undo_too_late": _NOTHING,
    "officer/unit_unknown": (Sample({"typed": "dinas pasar malam"}), Sample({"typed": HOSTILE[:60]})),
    "officer/which_case": _NOTHING,
    "officer/why": _ASKED_WHY,
    "officer/why_by": (
        Sample(
            {"number": NUMBER, "example": "14/9"},
            (*(Choice("why_by", ("3", day)) for day in ("2026-09-10", "2026-09-08", "2026-09-14")), *_CANCEL),
        ),
    ),
    "officer/why_due": _ASKED_WHY,
    "officer/first": _PUSHED,
    "officer/finding": tuple(Sample({"unit": unit}, _CANCEL) for unit in (UNIT, HOSTILE)),
    "officer/finding_by": tuple(
        Sample({"unit": unit, "example": "14/9"}, (Choice("find_by", ("2026-09-14",)), Choice("find_once"), *_CANCEL))
        for unit in (UNIT, HOSTILE)
    ),
    "officer/letter_dated": (Sample({"example": "2/9"}, (Choice("dated", ("2026-09-07",)), *_CANCEL)),),
    "officer/letter_due": (Sample({"example": "14/9"}, (Choice("letter_due", ("2026-09-14",)), *_CANCEL)),),
    "officer/letter_filed": (Sample({"number": NUMBER, "by": DUE}, _choices("details")),),
    "officer/letter_look": tuple(
        Sample(
            {"reference": text, "subject": text, "dated": EARLIER, "due": DUE, "photos": n, "voices": 0, "videos": 0},
            (Choice("file_letter"), *_CANCEL),
        )
        for text in ("B/0812/LM.21-02/IX/2026", HOSTILE)
        for n in (0, 2)
    ),
    "officer/letter_reference": (Sample({}, _CANCEL),),
    "officer/letter_subject": (Sample({}, _CANCEL),),
    "officer/past_date_unknown": (Sample({"example": "2/9"}),),
    "officer/words_please": _NOTHING,
    "officer/withdrawn": tuple(
        Sample({"number": NUMBER, "unit": unit}, _choices("details")) for unit in (UNIT, HOSTILE)
    ),
    "shared/language": (Sample({}, (Choice("language_id"), Choice("language_en"))),),
    "shared/language_set": (Sample({"language": "id"}), Sample({"language": "en"})),
    "shared/standard": _standards(),
    "shared/standard_ask": _NOTHING,
    "shared/standards": tuple(
        Sample({"typed": typed, "more": more}, (Choice("standard", ("family_card", name)),))
        for typed, name, more in (("akta", "Akta kelahiran", False), (HOSTILE, HOSTILE, True))
    ),
    "supervisor/digest": _digests(),
    "supervisor/report": _reports(),
    "supervisor/acknowledged": _NOTHING,
    "supervisor/asked": tuple(
        Sample({"number": NUMBER, "post": post, "by": DUE}) for post in ("Lurah Teladan", HOSTILE, None)
    ),
    "supervisor/brief": tuple(
        Sample(
            {
                "unit": unit,
                "at": DUE,
                "open": n,
                "late": n,
                "waiting": n,
                "refused": n,
                "matters": [{"matter": MATTER, "count": 4}] * n,
                "shielded": shielded,
                "standards": _brief_of_standards(n),
                "findings": list(_FOUND[:n]),
            },
            tuple(Choice(code, ("DISDUKCAPIL",)) for code in ("late_cases", "open_cases", "find")),
        )
        for unit, n, shielded in ((UNIT, 0, 0), (UNIT, 1, None), (HOSTILE, 3, 5))
    ),
    "supervisor/explanation": _EXPLAINED,
    "supervisor/finding": tuple(Sample({"unit": unit, **found}) for unit in (UNIT, HOSTILE) for found in _FOUND),
    "supervisor/finding_kept": tuple(
        Sample({"unit": unit, "until": day}) for unit in (UNIT, HOSTILE) for day in (None, DUE)
    ),
    "supervisor/late": _reminders(_LATE),
    "supervisor/late_count": tuple(
        Sample({"unit": unit, "count": n}, _choices("acknowledge")) for unit in (UNIT, HOSTILE) for n in (None, 4)
    ),
    "supervisor/moved": tuple(
        Sample({"number": NUMBER, "unit": unit}, _choices("details")) for unit in (UNIT, HOSTILE)
    ),
    "supervisor/unexplained": tuple(
        Sample({"number": NUMBER, "unit": unit, "post": post, "by": DUE}, _choices("details", "ask_why"))
        for unit, post in ((UNIT, "Kepala Dinas"), (HOSTILE, HOSTILE), (UNIT, None))
    ),
    "supervisor/reminded_late": tuple(
        Sample({"numbers": [NUMBER] * n, "again": again}) for n, again in ((2, 0), (1, 3), (0, 2), (0, 0))
    ),
    "supervisor/reminded": tuple(Sample({"number": NUMBER, "again": again}) for again in (True, False)),
}
