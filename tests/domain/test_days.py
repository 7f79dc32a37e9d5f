"""When it happened and how long it lasts, as stories tell it."""

from __future__ import annotations

from datetime import date

import pytest

from domain.understanding.days import day_told
from domain.understanding.text import words_of
from domain.understanding.waits import days_waited
from tests.domain.regions import siantar

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    ("story", "day"),
    [
        ("kmrn sy ke capil", date(2026, 11, 21)),
        ("kemaren dulu saya ke sana", date(2026, 11, 20)),
        ("td pagi dimintai uang", date(2026, 11, 22)),
        ("hari ini loket tutup", date(2026, 11, 22)),
        ("tgl 5 saya datang", date(2026, 11, 5)),
        ("tanggal 30 saya datang", date(2026, 10, 30)),
        ("sejak 12 maret", date(2026, 3, 12)),
        ("12 des belum selesai", date(2025, 12, 12)),
        ("tgl 3 Jan 2025", date(2025, 1, 3)),
        ("tgl 5/11/2026 saya datang", date(2026, 11, 5)),
        ("3 hari lalu", date(2026, 11, 19)),
        ("dua minggu yg lalu", date(2026, 11, 8)),
        ("senin kemarin lurah tidak ada", date(2026, 11, 16)),
        ("hari minggu tutup", date(2026, 11, 15)),
        ("udah 3 minggu blm jadi", None),
        ("antrean 12 di loket 3", None),
        ("besok saya kembali", None),
        ("31 februari", None),
        ("", None),
    ],
)
def test_the_day_of_an_event_is_read_from_the_past(story: str, day: date | None) -> None:
    assert day_told(words_of(story, siantar().lexicon), TODAY) == day


@pytest.mark.parametrize(
    ("story", "days"),
    [
        ("udah 3 minggu blm jadi2", 21),
        ("udah 3minggu blm jadi", 21),
        ("sdh 2bln nunggu", 60),
        ("hampir sebulan", 30),
        ("sudah setengah bulan", 15),
        ("sudah dua mingguan", 14),
        ("dari minggu lalu blm ada kabar", 7),
        ("sejak bulan lalu belum jadi", 30),
        ("dari thn lalu janji terus", 365),
        ("dari kmrn listrik kantor mati", 1),
        ("alah 2 bulan alun salasai", 60),
        ("wis 3 minggu durung dadi", 21),
        ("tos 2 minggu teu acan jadi", 14),
        ("nunga 3 minggu ndang selesai", 21),
        ("anak umur 3 bulan", None),
        ("3 hari lagi", None),
    ],
)
def test_how_long_somebody_waits_is_read_in_every_region(story: str, days: int | None) -> None:
    lexicon = siantar().lexicon
    assert days_waited(words_of(story, lexicon), lexicon.waiting) == days
