"""A register of a town that does not exist: stories put together from own sentences, and offices with habits of their
own that no list of words could know."""

from __future__ import annotations

import csv
import random
from collections.abc import Sequence
from pathlib import Path

Told = tuple[str, str]

#: What each group of offices is written to about.
_USUAL = {
    "DISDUKCAPIL": (
        "KTP elektronik saya",
        "kartu keluarga kami",
        "akta kelahiran anak saya",
        "surat pindah suami saya",
    ),
    "DPUPR": ("jalan depan rumah yang berlubang", "aspal yang terkelupas", "gorong gorong yang tersumbat"),
    "DLH": ("sampah yang menumpuk", "truk sampah yang tidak lewat", "pohon besar yang mau tumbang"),
    "PDAM": ("air PDAM yang keruh", "pipa air yang bocor", "tagihan air yang membengkak"),
    "DINSOS": ("bansos ibu saya", "PKH tetangga kami", "bantuan beras untuk lansia"),
    "DISDIK": ("uang seragam di sekolah anak saya", "guru yang jarang masuk", "pendaftaran siswa baru"),
}
#: What only this town's clerks know: names of its own, and who looks after them.
_HABITS = {
    "DISHUB": ("gapura Sabungan Ria", "tangga Batu Lombing", "pondok Pariaman Lama"),
    "DISPORAPARBUD": ("kolam Simanuk", "panggung Sorba Dolok", "balai Tunas Harapan"),
    "SATPOLPP": ("lapak Tepi Bah Kapul", "tenda Marsitangiang", "kios Ujung Rambung"),
}
_OPENINGS = ("Min mau lapor", "Selamat pagi pak", "Tolong diperhatikan", "Mohon dibantu bapak ibu", "Izin melapor")
_TROUBLES = ("sudah tiga minggu begini", "belum ada yang datang", "tidak pernah diurus", "dari bulan lalu tetap sama")
_PLACES = ("di dekat simpang empat", "di gang Melati", "di belakang masjid raya", "di samping warung bu Rosma", "")
_ENDINGS = ("terima kasih", "kami menunggu", "bagaimana ini", "warga sudah resah", "")


def stories(count: int, seed: int) -> Sequence[Told]:
    """So many stories with the group that each went to; the same for the same seed."""
    dice = random.Random(seed)
    subjects = [(what, group) for lists in (_USUAL, _HABITS) for group, each in lists.items() for what in each]
    return [_story(*dice.choice(subjects), dice) for _ in range(count)]


def habits(count: int, seed: int) -> Sequence[Told]:
    """The same of what only this town's clerks know."""
    dice = random.Random(seed)
    subjects = [(what, group) for group, each in _HABITS.items() for what in each]
    return [_story(*dice.choice(subjects), dice) for _ in range(count)]


def _story(what: str, group: str, dice: random.Random) -> Told:
    parts = (dice.choice(_OPENINGS), what, dice.choice(_PLACES), dice.choice(_TROUBLES), dice.choice(_ENDINGS))
    return " ".join(filter(None, parts)), group


def write(file: Path, told: Sequence[Told]) -> Path:
    """The stories as the CSV that `train` and `evaluate` read."""
    with file.open("w", encoding="utf-8", newline="") as out:
        csv.writer(out).writerows([("text", "opd"), *told])
    return file
