"""How much money a text names, in rupiah: "50rb", "Rp50.000", "1,5 jt", "100 ribuan", "gocap", "lima puluh ribu"."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from domain.understanding.personal import masked

_SCALE: Mapping[str, int] = {
    "rb": 1_000, "rbu": 1_000, "rebu": 1_000, "ribu": 1_000, "ribuan": 1_000, "rban": 1_000, "ewu": 1_000, "k": 1_000,
    "jt": 1_000_000, "jta": 1_000_000, "juta": 1_000_000, "jutaan": 1_000_000, "jtan": 1_000_000,
}  # fmt: skip
#: Sums that have a name of their own; what the street calls "cepek" in an office is a hundred thousand.
_NAMED: Mapping[str, int] = {
    "seribu": 1_000, "seceng": 1_000, "sewu": 1_000, "goceng": 5_000, "ceban": 10_000, "goban": 50_000,
    "noban": 20_000, "gocap": 50_000, "cepek": 100_000, "seratusan": 100_000, "sejuta": 1_000_000, "cetiao": 1_000_000,
}  # fmt: skip
_ONES: Mapping[str, int] = {
    "satu": 1, "dua": 2, "duo": 2, "tiga": 3, "tigo": 3, "tolu": 3, "telu": 3, "empat": 4, "ampek": 4, "opat": 4,
    "papat": 4, "lima": 5, "limo": 5, "enam": 6, "anam": 6, "genep": 6, "tujuh": 7, "tujuah": 7, "pitu": 7,
    "delapan": 8, "lapan": 8, "salapan": 8, "sembilan": 9, "sambilan": 9, "sepuluh": 10, "sapuluah": 10,
    "sapuluh": 10, "sebelas": 11, "seket": 50, "selawe": 25, "seratus": 100, "saratus": 100, "saratuih": 100,
    "satus": 100, "rongatus": 200, "limangatus": 500,
}  # fmt: skip
_TIMES: Mapping[str, int] = {
    "puluh": 10, "puluah": 10, "pulu": 10, "belas": 0, "baleh": 0, "ratus": 100, "ratuih": 100, "atus": 100,
}  # fmt: skip
_AMOUNT = re.compile(
    r"(\brp\.?\s{0,3})?(?<![\d.,])(\d{1,3}(?:[.,]\d{3}){1,5}|\d{1,12}(?:[.,]\d{1,2})?)(?![\d])"
    r"\s{0,3}(ribuan|ribu|rebu|rban|rbu|rb|ewu|k|jutaan|juta|jtan|jta|jt)?\b",
    re.IGNORECASE,
)
#: A bare number that is money ("bayar 50000"): round, as years, phones and NIK are not.
_ROUND = re.compile(r"[1-9]\d{1,5}00")
#: A bare number that is something else, by the word before it or behind it.
_NUMBERED = re.compile(
    r"(?:tahun|thn|th|nomor|nomer|no|jalan|jln|jl|antrean|antrian|pukul|jam|rt|rw|kode)\W{0,3}$", re.I
)
_COUNTED = re.compile(
    r"\W{0,2}(?:watt|va|meter|m2|m|km|kg|gram|liter|orang|kk|warga|siswa|jiwa|pasien|wib|kali|x|lembar|unit)\b", re.I
)
_LEAST = 1_000


def amount_in(text: str) -> int | None:
    """The largest amount of money (rupiah) that a text names, from 1,000 on."""
    plain = masked(text)
    amounts = [*_in_figures(plain), *(amount for _, amount in sums_in(re.findall(r"[a-z]+", plain.lower())))]
    return max((amount for amount in amounts if amount >= _LEAST), default=None)


def sums_in(words: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Sums in words, each with the place of its first one: "seratus lima puluh ribu"."""
    at = 0
    while at < len(words):
        amount, length = _sum_at(words, at)
        if amount:
            yield at, amount
        at += max(length, 1)


def is_money(words: Sequence[str], at: int) -> bool:
    """Whether an amount of money begins at a place of words as `words_of` spells them: "50rb", "50 ribu", "50 000"."""
    word, after = words[at], words[at + 1] if at + 1 < len(words) else ""
    if word in _NAMED or (word.startswith("rp") and word[2:].isdigit()):
        return True
    if figures := re.fullmatch(r"(\d{1,12})([a-z]{1,6})?", word):
        unit = figures[2] or after
        grouped = not figures[2] and len(figures[1]) <= 3 and after == "000"
        return unit in _SCALE or grouped or (not figures[2] and len(word) > 3 and bool(_ROUND.fullmatch(word)))
    return _sum_at(words, at)[0] > 0


def _in_figures(text: str) -> Iterator[int]:
    for found in _AMOUNT.finditer(text):
        rp, number, unit = found.groups()
        named = bool(rp or unit) or bool(re.search(r"[.,]\d{3}$", number))
        beside = _NUMBERED.search(text[max(0, found.start() - 12) : found.start()]) or _COUNTED.match(text, found.end())
        if named or not beside:
            yield _rupiah(number, unit or "", named=bool(rp))


def _rupiah(number: str, unit: str, *, named: bool) -> int:
    grouped = re.search(r"[.,]\d{3}$", number)
    if unit:
        return round(float(number.replace(",", ".")) * _SCALE[unit.lower()]) if not grouped else 0
    digits = re.sub(r"[.,]", "", number)
    return int(digits) if grouped or (number.isdigit() and (named or _ROUND.fullmatch(number))) else 0


def _sum_at(words: Sequence[str], start: int) -> tuple[int, int]:
    """The sum that begins at a place, and how many words it has; 0 where none does ("lima orang")."""
    if words[start] in _NAMED:
        return _NAMED[words[start]], 1
    total, part, last, at = 0.0, 0.0, 0, start
    while at < len(words):
        word = words[at]
        if word in _ONES:
            part, last = part + _ONES[word], _ONES[word]
        elif word == "setengah":
            part += 0.5
        elif word in _TIMES and last:
            part += _grown(word, last)
            last = 0
        elif word in _SCALE and word != "k" and part:
            total, part, last = total + part * _SCALE[word], 0.0, 0
        else:
            break
        at += 1
    return round(total), at - start


def _grown(word: str, last: int) -> int:
    """What "puluh", "belas" or "ratus" adds to the number before it, which is counted already."""
    return last * _TIMES[word] - last if _TIMES[word] else 10
