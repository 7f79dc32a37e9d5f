"""How well stories are understood, counted one by one against what people decided: what `tanggap evaluate` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

#: What a row is called in which nobody's conduct is complained of.
NONE = "none"
#: How many offices a citizen is offered.
OFFERED = 3
ALARMS = frozenset({"now", "ask"})


@dataclass(slots=True)
class Labels:
    """Right and wrong for each label, of which only counts are kept."""

    rows: Counter[str] = field(default_factory=Counter)
    said: Counter[str] = field(default_factory=Counter)
    right: Counter[str] = field(default_factory=Counter)

    def add(self, label: str, said: str) -> None:
        self.rows[label] += 1
        self.said[said] += 1
        self.right[label] += label == said

    def figures(self) -> dict[str, dict[str, Any]]:
        return {
            label: {
                "n": count,
                "precision": share(self.right[label], self.said[label]),
                "recall": share(self.right[label], count),
                "f1": round(self._f1(label), 4),
            }
            for label, count in sorted(self.rows.items())
        }

    def macro_f1(self) -> float | None:
        """The mean over the labels that the file has, rare ones as heavy as frequent ones."""
        return round(sum(map(self._f1, self.rows)) / len(self.rows), 4) if self.rows else None

    def _f1(self, label: str) -> float:
        return 2 * self.right[label] / (self.rows[label] + self.said[label])


@dataclass(slots=True)
class Tally:
    """What has been counted so far; it does not grow with the rows."""

    threshold: float
    n: int = 0
    first: int = 0
    offered: int = 0
    offices: int = 0
    automatic: int = 0
    automatic_right: int = 0
    groups: Labels = field(default_factory=Labels)
    units: Counter[bool] = field(default_factory=Counter)
    conducts: Labels = field(default_factory=Labels)
    alarms: Counter[tuple[bool, str]] = field(default_factory=Counter)

    def add(self, row: Mapping[str, str], routed: Mapping[str, Any]) -> None:
        """Count one row: what people decided, and the answer of `route`. A cell that is empty says nothing."""
        self.n += 1
        if row.get("opd"):
            self._office(row["opd"], row.get("alt_opd") or "", routed)
        if row.get("unit"):
            self.units[row["unit"] == _unit(routed)] += 1
        if label := row.get("conduct"):
            said: Sequence[str] = routed["conduct"] or (NONE,)
            self.conducts.add(label, label if label in said else said[0])
        if row.get("emergency"):
            self.alarms[row["emergency"] in ALARMS, routed["emergency"]] += 1

    def _office(self, office: str, also: str, routed: Mapping[str, Any]) -> None:
        right = {office, also} - {""}
        said = routed["agency"]
        self.offices += 1
        self.first += said in right
        self.offered += not right.isdisjoint(one["agency"] for one in routed["top"][:OFFERED])
        if routed["decision"] == "auto":
            self.automatic += 1
            self.automatic_right += said in right
        self.groups.add(office, office if said in right else said or NONE)

    def figures(self) -> dict[str, Any]:
        """Everything as `evaluate --json` prints it; what the file has no column for is null."""
        return {
            "n": self.n,
            "top1": share(self.first, self.offices),
            "top3": share(self.offered, self.offices),
            "macro_f1": self.groups.macro_f1(),
            "auto": {
                "threshold": self.threshold,
                "coverage": share(self.automatic, self.offices),
                "precision": share(self.automatic_right, self.automatic),
            },
            "per_group": self.groups.figures(),
            "unit": {"n": self.units.total(), "accuracy": share(self.units[True], self.units.total())}
            if self.units
            else None,
            "conduct": self._conduct() if self.conducts.rows else None,
            "emergency": self._emergency() if self.alarms else None,
        }

    def _conduct(self) -> dict[str, Any]:
        counts = self.conducts
        return {
            "n": counts.rows.total(),
            "accuracy": share(counts.right.total(), counts.rows.total()),
            "macro_f1": counts.macro_f1(),
            "per_class": counts.figures(),
        }

    def _emergency(self) -> dict[str, Any]:
        """How many emergencies were noticed (`now` or `ask`), and how often an ordinary story was taken for one."""
        danger = sum(count for (real, _), count in self.alarms.items() if real)
        ordinary = self.alarms.total() - danger
        noticed = sum(count for (real, said), count in self.alarms.items() if real and said in ALARMS)
        return {
            "n": self.alarms.total(),
            "recall": share(noticed, danger),
            "false_now": share(self.alarms[False, "now"], ordinary),
            "false_ask": share(self.alarms[False, "ask"], ordinary),
        }


def share(part: int, whole: int) -> float | None:
    """A part of a whole; None of nothing."""
    return round(part / whole, 4) if whole else None


def _unit(routed: Mapping[str, Any]) -> str | None:
    """The unit that a story is about: the one it accuses, else the one that answers."""
    reported = routed["reported"]
    unit: str | None = reported["unit"] if reported and reported["unit"] else routed["unit"]
    return unit
