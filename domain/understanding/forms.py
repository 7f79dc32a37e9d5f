"""The forms of a verb, so that a list of danger names it once: "di~pukul" is dipukul, kepukul, dipukulin, kena pukul.

What stands before "~" names the affixes of speech.yaml ("di": it is done to somebody, "me": somebody does it); "~pukul"
is both. In an affix "*" is the root and "^" the root with its first sound made nasal: "me^" is memukul.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Affixes:
    """How verbs are made: by voice, by first sound, with which endings."""

    voices: Mapping[str, Sequence[str]] = field(default_factory=dict)
    nasals: Mapping[str, Sequence[str]] = field(default_factory=dict)
    endings: Sequence[str] = ()

    def spread(self, phrase: str) -> tuple[str, ...]:
        """A phrase, or every form of its verb where it has a "~"."""
        if "~" not in phrase:
            return (phrase,)
        before, root = phrase.split("~")
        start, _, voice = before.rpartition(" ")
        root, _, rest = root.partition(" ")
        forms = (f"{form}{ending}" for form in self._made(voice, root) for ending in ("", *self.endings))
        return tuple(dict.fromkeys(" ".join(filter(None, (start, form, rest))) for form in forms))

    def pattern(self, pattern: str) -> str:
        """A pattern of emergency.yaml with every verb in all its forms."""
        parts = (part.strip().split("|") for part in pattern.split(" + "))
        return " + ".join("|".join(form for word in part for form in self.spread(word.strip())) for part in parts)

    def _made(self, voice: str, root: str) -> Iterator[str]:
        affixes = self.voices[voice] if voice else [one for found in self.voices.values() for one in found]
        for affix in affixes:
            if "^" not in affix:
                yield affix.replace("*", root)
            else:
                yield from (affix.replace("^", nasal) for nasal in self._nasals(root))

    def _nasals(self, root: str) -> Iterator[str]:
        """The root with its first sound made nasal: pukul -> mukul, tusuk -> nusuk, ancam -> ngancam."""
        for nasal in self.nasals.get(root[0], (root[0],)):
            yield nasal + root[1:]
