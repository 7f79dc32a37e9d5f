"""Who lives in the town of the simulated year: its forty units, officers and citizens of every temper, and what each
does about a case. Pure data and a seed; nothing here knows the program.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from domain.vocabulary import Identity
from tests.kit.almanac import OFFICE_ALMANAC as OFFICE
from tests.kit.almanac import PUSKESMAS_ALMANAC, Almanac

SEED = 1870
TOPS = ("WALIKOTA", "SETDA", "INSPEKTORAT", "BAGIAN-ORGANISASI")
OFFICES = ("DISDUKCAPIL", "DPMPTSP", "DLH", "DISHUB", "DINKES", "RSUD")
DISTRICTS = ("KEC-SIANTAR-UTARA", "KEC-SIANTAR-SELATAN", "KEC-SIANTAR-TIMUR", "KEC-SIANTAR-BARAT")
WARDS = (
    "KEL-BANE", "KEL-KAHEAN", "KEL-MARTOBA", "KEL-MELAYU", "KEL-SUKADAME", "KEL-TOBA", "KEL-KARO", "KEL-SIMALUNGUN",
    "KEL-MARTIMBANG", "KEL-TOMUAN", "KEL-PAHLAWAN", "KEL-ASUHAN", "KEL-MERDEKA", "KEL-TELADAN", "KEL-DWIKORA",
    "KEL-BANTAN", "KEL-PROKLAMASI",
)  # fmt: skip
CLINICS = (
    "PKM-RAYA", "PKM-KARTINI", "PKM-SINGOSARI", "PKM-KESATRIA", "PKM-TOMUAN", "PKM-PARDAMEAN", "PKM-RAMI",
    "PKM-GURILLA", "PKM-KARO",
)  # fmt: skip
UNITS = (*TOPS, *OFFICES, *DISTRICTS, *WARDS, *CLINICS)
#: Those that work on Saturday.
SATURDAY_DESKS = frozenset({"PKM-RAYA", "PKM-KARTINI", "PKM-SINGOSARI"})

#: Every third desk answers as it should; of the others there is each sort.
TEMPERS = (
    "prompt", "slow", "quick", "asks", "silent", "prompt", "hands_back", "forgetful", "quick", "postpones",
    "asks_twice",
)  # fmt: skip
_CITIZENS = ("content", "silent", "belum", "content", "belum_twice", "adds", "silent", "belum", "withdraws")
_STORIES = {
    "KEL": (
        "Surat keterangan usaha di kantor Kelurahan {name} belum selesai sejak dua minggu lalu.",
        "Surat keterangan domisili dari Kelurahan {name} lama sekali, padahal hanya selembar.",
        "Pegawai kantor Kelurahan {name} minta uang Rp100.000 untuk tanda tangan surat tanah.",
        "Petugas Kelurahan {name} membentak ibu saya di depan orang banyak, kasar sekali.",
        "/tanya Apa syarat surat keterangan usaha di kantor Kelurahan {name}, dan berapa hari selesainya?",
    ),
    "PKM": (
        "Antrean di Puskesmas {name} lama sekali, ambil nomor jam tujuh baru dipanggil jam sebelas.",
        "Obat puskesmas di Puskesmas {name} kosong, kami disuruh beli di luar.",
        "Antrean di Puskesmas {name} lama, loket baru buka jam sembilan.",
        "/tanya Bagaimana cara mendaftar imunisasi di Puskesmas {name} untuk anak pendatang?",
        "/aspirasi Mohon Puskesmas {name} dibuka sampai sore bagi buruh yang tidak bisa izin.",
    ),
    "OPD": (
        "KK baru saya di Disdukcapil sudah tiga minggu belum jadi, katanya menunggu jaringan.",
        "Petugas loket Disdukcapil minta uang Rp50.000 supaya KTP saya cepat dicetak.",
        "Kamar mandi ruang rawat inap RSUD bocor, lantainya licin dan keluarga pasien bisa jatuh.",
        "Izin usaha saya di DPMPTSP sudah sebulan tidak ada kabar, nomor antrean pun tidak diberi.",
        "/aspirasi Usul supaya Disdukcapil membuka loket hari Sabtu bagi buruh yang tidak bisa izin.",
        "Bantuan sosial di kampung kami hanya untuk orang dekat, saya tidak tahu ke kantor mana.",
    ),
}
#: When citizens write, also at night and in the last minute of a Friday; and when desks act: few moments, for the clock
#: stops at each, and what happens in one shares a transaction.
_WRITING = ("08:10", "12:15", "16:29", "16:59", "21:40", "23:58")
_ACTING = {"desk": ("08:40", "08:40", "08:40", "13:50"), "frontdesk": ("08:40",), "citizen": ("08:40", "20:15")}


@dataclass(frozen=True)
class Act:
    """One turn of somebody: texts to type and, in brackets, choices to press. Who: citizen, desk or frontdesk."""

    at: datetime
    who: str
    lines: tuple[str, ...]


@dataclass
class Case:
    """One story and what is done about it. Its number is known once it is told."""

    sender: str
    story: str
    identity: Identity | None
    told_at: datetime
    acts: list[Act] = field(default_factory=list)
    number: str = ""


def almanac_of(unit: str) -> Almanac:
    return PUSKESMAS_ALMANAC if unit in SATURDAY_DESKS else OFFICE


def temper_of(unit: str) -> str:
    """The same for a unit in every year that is lived."""
    return TEMPERS[UNITS.index(unit) % len(TEMPERS)]


def cases_of(count: int, first: date, last: date) -> list[Case]:
    """So many cases between two days, the oldest first."""
    chooser = random.Random(SEED)
    spread = [first + timedelta(days=chooser.randrange((last - first).days)) for _ in range(min(count // 4, 90))]
    moments = [OFFICE.at(day, chooser.choice(_WRITING)) for day in spread]
    return [_case(number, at, chooser) for number, at in enumerate(sorted(chooser.choices(moments, k=count)), start=1)]


def _case(number: int, told: datetime, chooser: random.Random) -> Case:
    unit = chooser.choice((*WARDS, *CLINICS, *CLINICS[:3], "OPD", "OPD"))
    story = chooser.choice(_STORIES[unit[:3]]).format(name=unit[4:].replace("-", " ").title())
    officer = "prompt" if unit == "OPD" else temper_of(unit)
    citizen = chooser.choice(_CITIZENS)
    acts = list(_acts(officer, citizen, told, chooser))
    hides = citizen == "silent" and chooser.random() < 0.5
    identity = chooser.choice((Identity.CONFIDENTIAL, Identity.ANONYMOUS)) if hides else None
    return Case(f"warga-{number}", story, identity, told, acts)


#: What each sort of officer does, in working days after the act before.
_OFFICERS: dict[str, tuple[tuple[int, str, tuple[str, ...]], ...]] = {
    "prompt": ((1, "desk", ("[take]",)), (4, "desk", ("[finish]", "Sudah selesai."))),
    "quick": ((2, "desk", ("[finish]", "Sudah kami kerjakan pagi ini.")),),
    "slow": (
        (4, "desk", ("[take]",)),
        (13, "desk", ("[answer]", "Masih diproses.", "[send]")),
        (9, "desk", ("[finish]", "Sudah.")),
    ),
    "silent": (),
    "forgetful": ((2, "desk", ("[take]",)), (29, "desk", ("[finish]", "Maaf lama, sudah selesai."))),
    "hands_back": (
        (1, "desk", ("[not_ours]", "[hand_back]")),
        (2, "frontdesk", ("[forward]", "Kelurahan Toba")),
        (2, "desk", ("[not_ours]", "[hand_back]")),
        (1, "frontdesk", ("[forward]", "Puskesmas Raya")),
        (4, "desk", ("[take]",)),
        (9, "desk", ("[finish]", "Sudah kami bereskan.")),
    ),
    "asks": (
        (1, "desk", ("[take]", "[ask_citizen]", "Boleh tahu alamat lengkapnya?", "[send]")),
        (6, "citizen", ("[reply]", "Di samping warung kopi.")),
        (5, "desk", ("[finish]", "Terima kasih, sudah selesai.")),
    ),
    "asks_twice": (
        (2, "desk", ("[ask_citizen]", "Mohon nomor tanda terimanya.", "[send]")),
        (3, "citizen", ("[reply]", "Nomornya 12.")),
        (4, "desk", ("[ask_citizen]", "Tanggal berapa?", "[send]")),
        (7, "citizen", ("[reply]", "Tanggal tiga.")),
        (14, "desk", ("[finish]", "Sudah ditemukan dan selesai.")),
    ),
    "postpones": (
        (1, "desk", ("[take]", "[postpone]", "{later}", "Menunggu blangko dari pusat.")),
        (8, "desk", ("[finish]", "Blangko datang, sudah jadi.")),
    ),
}
#: And what each sort of citizen answers; who asks twice whom nobody answers lets the case lapse.
_ANSWERS: dict[str, tuple[tuple[int, str, tuple[str, ...]], ...]] = {
    "content": ((1, "citizen", ("[done]",)),),
    "silent": (),
    "belum": (
        (2, "citizen", ("[not_done]",)),
        (4, "desk", ("[finish]", "Sekarang sudah.")),
        (1, "citizen", ("[done]",)),
    ),
    "belum_twice": (
        (1, "citizen", ("[not_done]",)),
        (3, "desk", ("[finish]", "Sudah diperbaiki.")),
        (2, "citizen", ("[not_done]",)),
        (9, "desk", ("[finish]", "Sudah benar-benar selesai.")),
    ),
    "adds": ((3, "citizen", ("[add]", "Fotonya menyusul.")),),
}


def _acts(officer: str, citizen: str, told: datetime, chooser: random.Random) -> Iterator[Act]:
    plot = _OFFICERS[officer]
    if citizen == "withdraws":
        plot = (*plot[:1], (2, "citizen", ("/status", "[details]", "[withdraw]", "[withdraw_now]")))
    elif citizen == "silent":  # also when asked
        plot = tuple(act for act in plot if act[1] != "citizen")
    day = OFFICE.day(told)
    for after, who, lines in (*plot, *_ANSWERS.get(citizen, ())):
        day = OFFICE.nth(day, after)
        later = OFFICE.nth(day, 5)
        typed = tuple(line.format(later=f"{later.day}/{later.month}/{later.year}") for line in lines)
        yield Act(OFFICE.at(day, chooser.choice(_ACTING[who])), who, typed)
