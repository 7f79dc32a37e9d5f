"""Calendars and days off that the tests of clocks share, typed from the decree and not taken from the package."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time

from domain.calendar import Calendar, Frame, Week

#: National holidays of 2026, as printed in the joint ministers' decree: 17 of them.
HOLIDAYS_2026 = "01-01 01-16 02-17 03-19 03-21 03-22 04-03 04-05 05-01 05-14 05-27 05-31 06-01 06-16 08-17 08-25 12-25"
#: Cuti bersama of 2026: 8 of them.
JOINT_LEAVE_2026 = "02-16 03-18 03-20 03-23 03-24 05-15 05-28 12-24"
#: 2027 as the pinned package has it; the decree has not been published, so Idul Fitri and Idul Adha are estimates.
HOLIDAYS_2027 = (
    "01-01 01-05 02-06 03-08 03-10 03-11 03-26 03-28 05-01 05-06 05-17 05-20 06-01 06-06 08-15 08-17 12-25 12-26"
)
JOINT_LEAVE_2027 = "02-05 03-09 03-12 03-15 03-25 05-18 05-19 12-24"


def frame(hours: str) -> Frame:
    opens, closes = hours.split("-")
    return Frame(time.fromisoformat(opens), time.fromisoformat(closes))


def week(monday_to_thursday: str, friday: str, saturday: str = "") -> Week:
    days = [monday_to_thursday] * 4 + [friday, saturday, ""]
    return tuple(tuple(frame(hours) for hours in day.split()) for day in days)


def wib(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+07:00")


def day(text: str) -> date:
    return date.fromisoformat(text)


#: The default calendar of the contract, in the three zones of Indonesia.
OFFICE = Calendar("Asia/Jakarta", week("07:30-16:00", "07:30-16:30"), confirmed_years=frozenset({2024, 2025, 2026}))
OFFICE_WITA = replace(OFFICE, zone="Asia/Makassar")
OFFICE_WIT = replace(OFFICE, zone="Asia/Jayapura")
#: A puskesmas with a Saturday desk and short Fridays; a counter that closes at noon.
SATURDAY = Calendar("Asia/Jakarta", week("07:30-14:30", "07:30-11:30", "07:30-13:00"))
SPLIT = Calendar("Asia/Jakarta", week("07:30-12:00 13:00-16:00", "07:30-11:30 13:00-16:30"))
