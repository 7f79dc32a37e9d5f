"""What an office promises: its services, and the fourteen components of each one's standard (UU 25/2009 Ps 21).

PermenPANRB 15/2014 parts them: six that a citizen meets (delivery), and eight by which the office works (internal).
What no source says is not there: a component without a promise is missing, and is called so on every page.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Component(StrEnum):
    """The fourteen, in the order in which standards list them."""

    REQUIREMENTS = "requirements"
    PROCEDURE = "procedure"
    DURATION = "duration"
    FEE = "fee"
    PRODUCT = "product"
    COMPLAINTS = "complaints"
    LEGAL_BASIS = "legal_basis"
    FACILITIES = "facilities"
    COMPETENCE = "competence"
    SUPERVISION = "supervision"
    STAFF = "staff"
    GUARANTEE = "guarantee"
    SAFETY = "safety"
    EVALUATION = "evaluation"


ALL = tuple(Component)
DELIVERY, INTERNAL = ALL[:6], ALL[6:]

#: Of seven days on which somebody waits, an office works on at most five: what is called late is late in every town.
_WORKING, _WEEK = 5, 7


@dataclass(frozen=True, slots=True)
class Tariff:
    """One official amount, and what it is for (empty where the service has one amount only)."""

    rupiah: int
    what: str = ""


@dataclass(frozen=True, slots=True)
class Promise:
    """What a standard says of one component, and who says so. Numbers stand beside words, to be compared."""

    source: str
    text: tuple[str, ...] = ()
    tariffs: tuple[Tariff, ...] = ()
    working_days: int | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A house with counters of many offices (a Mal Pelayanan Publik). It gives no service and answers no case."""

    code: str
    name: str
    source: str
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Service:
    """Something that a citizen gets from an office: the one of its `group`, each unit of a kind, or one `unit` alone.

    `aliases` are what people call it. `matter` is what a story is about that tells of this service.
    """

    code: str
    name: Mapping[str, str]
    aliases: tuple[str, ...] = ()
    group: str | None = None
    unit: str | None = None
    unit_kind: str | None = None
    matter: str | None = None
    places: tuple[str, ...] = ()
    promises: Mapping[Component, Promise] = field(default_factory=dict)

    @property
    def missing(self) -> tuple[Component, ...]:
        """The components that nobody has written yet."""
        return tuple(component for component in ALL if component not in self.promises)


@dataclass(frozen=True, slots=True)
class Difference:
    """Where a story and a standard do not say the same: two facts side by side, and no judgement.

    `said` is the citizen's: an amount of rupiah, days of waiting, or what was asked for beyond the list.
    """

    component: Component
    promise: Promise
    said: int | tuple[str, ...]


def compare(
    service: Service, *, amount: int | None = None, days: int | None = None, asked: Collection[str] = ()
) -> tuple[Difference, ...]:
    """What a citizen tells beside what the service promises, in fee, time and requirements.

    `days` are days of the calendar, as people count them; `asked` is what an officer wanted to have. What is missing
    in the standard, or not understood in the story, is compared with nothing.
    """
    found = (_fee(service, amount), _duration(service, days), _requirements(service, asked))
    return tuple(difference for difference in found if difference)


def _fee(service: Service, amount: int | None) -> Difference | None:
    """An amount that is none of the official ones. Less than the lowest of them is a part of it, or about something
    else."""
    promise = service.promises.get(Component.FEE)
    if promise is None or not promise.tariffs or amount is None:
        return None
    official = {tariff.rupiah for tariff in promise.tariffs}
    if amount in official or amount < min(official):
        return None
    return Difference(Component.FEE, promise, amount)


def _duration(service: Service, days: int | None) -> Difference | None:
    promise = service.promises.get(Component.DURATION)
    if promise is None or promise.working_days is None or days is None:
        return None
    if days * _WORKING // _WEEK <= promise.working_days:
        return None
    return Difference(Component.DURATION, promise, days)


def _requirements(service: Service, asked: Collection[str]) -> Difference | None:
    """What was asked for and stands in no line of the list."""
    promise = service.promises.get(Component.REQUIREMENTS)
    if promise is None or not promise.text:
        return None
    written = " ".join(promise.text).lower()
    beyond = tuple(thing for thing in asked if thing.lower() not in written)
    return Difference(Component.REQUIREMENTS, promise, beyond) if beyond else None
