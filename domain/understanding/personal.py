"""What in a text says who somebody is: phones, NIK, mail, plates, handles, accounts; names as well as can be.

`masked` puts a mark in the place of each. What the citizen wrote is kept as it is, elsewhere and sealed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

#: Kind -> how it is written. The first that fits a place wins, so the narrow ones stand before the wide ones.
_KINDS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("email", re.compile(r"[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{2,24}){1,3}")),
    ("handle", re.compile(r"(?<![\w@])@[A-Za-z]\w{2,31}(?:\.\w{1,31}){0,3}")),
    ("nik", re.compile(r"(?<!\d)\d{4}(?:[ .-]?\d{4}){3}(?!\d)|(?<!\d)\d{6}[ .-]\d{6}[ .-]\d{4}(?!\d)")),
    ("phone", re.compile(r"(?<![\d.])(?:\+? ?62|0)[ .-]{0,2}8\d(?:[ .-]{0,2}\d){7,10}(?!\d)")),
    ("phone", re.compile(r"(?<![\d.])\(?0[2-79]\d{1,2}\)?[ -]{1,2}\d{3}[ -]?\d{3,5}(?!\d)")),
    (
        "account",
        re.compile(
            r"(?:\b(?:no(?:mor)?\.? ?rek(?:ening)?|norek|rek(?:ening)?|bri|bca|bni|mandiri|bsi|dana|ovo|gopay)\b"
            r"\D{0,12})(\d(?:[ .-]?\d){8,17})(?!\d)",
            re.IGNORECASE,
        ),
    ),
    ("number", re.compile(r"(?<![\d.,])\d{9,20}(?![\d.,]\d)")),
    (
        "plate",
        re.compile(
            r"\b(?:A[ABDEG]?|B[ABDEGHKLMNP]?|D[ABCDEGHKLMNRTW]?|E[ABD]?|F|G|H|K[BHTU]?|L|M|N|P|R|S|T|W|Z)"
            r"[ .-]?\d{2,4}[ .-]?[A-Z]{1,3}\b"
        ),
    ),
    ("plate", re.compile(r"\b(?:bk|bb|ba|bl|bm|bh|bg|bd|bn)[ .-]?\d{3,4}[ .-]?[a-z]{1,3}\b", re.IGNORECASE)),
    ("plate", re.compile(r"\b(?:plat|nopol)\W{1,3}(?:nomor |no )?([a-z]{1,2}[ .-]?\d{1,4}[ .-]?[a-z]{0,3})\b", re.I)),
)
#: Words before a name. After the first group only words with a capital are one, after the second any word is.
_CALLED = re.compile(
    r"\b(?i:pak|bapak|bpk|bu|ibu|sdr|sdri|bang|mbak|mas|kak|dokter|dr|bidan|uda|uni|lae|ito)\b\.?[ ]"
    r"((?:[A-Z][a-z'’]{1,20}|[A-Z]{1,20})(?:[ ][A-Z][a-z'’.]{0,20}){0,3})"
)
_NAMED = re.compile(
    r"\b(?i:nama (?:saya|lengkap|pelapor|petugasnya|dia)|bernama|namanya)[ ]?[:=]?[ ]?"
    r"((?i:[a-z'’.]{2,20})(?:[ ][A-Z][A-Za-z'’.]{0,20}){0,3})"
)
_ON_BEHALF = re.compile(
    r"\b(?i:a\.? ?n\b\.?|atas nama)[ ]?[:=]?[ ]?"
    r"((?i:[a-z'’.]{2,20}(?:[ ][a-z'’.]{2,20})?)(?:[ ][A-Z][A-Za-z'’.]{0,20}){0,2})"
)
_MYSELF = re.compile(r"\b(?:[Ss]aya|[Ss]y|[Aa]ku),? ((?:[A-Z][a-z'’]{2,20})(?: [A-Z][a-z'’.]{0,20}){0,3})")
#: What stands behind "pak" and "bu" without being a name: posts, offices, and who is greeted.
_NO_NAMES = frozenset(
    """
    lurah camat kades kepala wali walikota bupati sekda sekcam seklur kabid kasi kabag kadis kepling kaling guru dokter
    bidan rt rw polisi satpam petugas pegawai admin min mohon tolong saya kami warga yang di ke dari kepsek direktur
    inspektur gubernur presiden menteri ketua sekretaris bendahara operator penghulu pangulu nagari dinas kantor capil
    dukcapil puskesmas kelurahan kecamatan rsud haji hamil hamilnya guru-guru yth sekolah suster perawat mantri jorong
    sama itu ini tersebut siapa anak suami istri ibu bapak orang tua dusun desa kapolsek danramil imam ustad pendeta
    ingin mau sudah adalah dengan tinggal kecewa melapor lapor selaku sebagai almarhum alm
    """.split()  # noqa: SIM905 - a list of so many short words is read more easily so
)


@dataclass(frozen=True, slots=True)
class Personal:
    """Something personal in a text, and where it stands."""

    kind: str
    start: int
    end: int


def personal_in(text: str) -> tuple[Personal, ...]:
    """Everything personal that a text has, from left to right; nothing is found twice."""
    found: list[Personal] = []
    taken = bytearray(len(text))
    for one in (*_numbers(text), *_names(text)):
        if not any(taken[one.start : one.end]):
            found.append(one)
            taken[one.start : one.end] = b"\1" * (one.end - one.start)
    return tuple(sorted(found, key=lambda one: one.start))


def masked(text: str, mark: str = "[{}]") -> str:
    """The text with a mark like [phone] in the place of whatever is personal; `mark` has a place for its kind."""
    parts, at = [], 0
    for one in personal_in(text):
        parts += [text[at : one.start], mark.format(one.kind)]
        at = one.end
    return "".join((*parts, text[at:]))


def _numbers(text: str) -> Iterator[Personal]:
    for kind, pattern in _KINDS:
        for match in pattern.finditer(text):
            group = 1 if pattern.groups else 0
            yield Personal(kind, match.start(group), match.end(group))


def _names(text: str) -> Iterator[Personal]:
    """Names; of a text in capitals only what is said to be one."""
    letters = [letter for letter in text if letter.isalpha()]
    shouted = sum(letter.isupper() for letter in letters) * 2 > len(letters)
    for pattern in (_NAMED, _ON_BEHALF) if shouted else (_NAMED, _ON_BEHALF, _CALLED, _MYSELF):
        for match in pattern.finditer(text):
            first = match[1].split()[0].strip(".'’").lower()
            if first and first not in _NO_NAMES:
                end = match.start(1) + len(match[1].rstrip(" .'’"))
                yield Personal("name", match.start(1), end)
