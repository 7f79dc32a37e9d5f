from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.ids import EPOCH, IdFactory, from_text, made_at, new_id, to_text

NOON = datetime(2026, 11, 23, 12, 0, 0, 250_000, tzinfo=UTC)


def at(*moments: datetime) -> Callable[[], int]:
    """Return a clock that shows these moments in turn and then stays at the last one."""
    shown: Iterator[datetime] = itertools.chain(moments, itertools.repeat(moments[-1]))
    return lambda: int((next(shown) - EPOCH) / timedelta(microseconds=1)) * 1000 + int(EPOCH.timestamp()) * 10**9


def none_at_all(bits: int) -> int:
    return 0


def all_ones(bits: int) -> int:
    return (1 << bits) - 1


class TestFactory:
    def test_an_id_is_milliseconds_since_2025_and_21_random_bits(self) -> None:
        number = IdFactory(clock=at(NOON), random=lambda bits: 5).new()
        assert number == (int((NOON - EPOCH) / timedelta(milliseconds=1)) << 21) + 5
        assert made_at(number) == NOON

    def test_ids_increase_within_one_millisecond_without_randomness(self) -> None:
        factory = IdFactory(clock=at(NOON), random=none_at_all)
        first = factory.new()
        assert [factory.new() for _ in range(3)] == [first + 1, first + 2, first + 3]

    def test_the_step_within_one_millisecond_is_random(self) -> None:
        factory = IdFactory(clock=at(NOON))
        ids = [factory.new() for _ in range(500)]
        steps = {later - earlier for earlier, later in itertools.pairwise(ids)}
        assert len(steps) > 100
        assert min(steps) >= 1
        assert max(steps) <= 1024

    def test_a_full_millisecond_runs_over_into_the_next(self) -> None:
        factory = IdFactory(clock=at(NOON, NOON, NOON + timedelta(milliseconds=1)), random=all_ones)
        ids = [factory.new() for _ in range(4)]
        assert ids == sorted(set(ids))
        assert made_at(ids[1]) == NOON + timedelta(milliseconds=1)

    def test_ids_increase_while_the_clock_runs_backwards(self) -> None:
        factory = IdFactory(clock=at(NOON, NOON - timedelta(hours=1), NOON - timedelta(days=1)))
        ids = [factory.new() for _ in range(50)]
        assert ids == sorted(set(ids))

    def test_threads_never_share_an_id_and_each_sees_its_own_increase(self) -> None:
        factory = IdFactory()

        def many(_: int) -> list[int]:
            return [factory.new() for _ in range(5_000)]

        with ThreadPoolExecutor(8) as pool:
            lists = list(pool.map(many, range(8)))
        assert all(ids == sorted(ids) for ids in lists)
        assert len(set().union(*lists)) == 40_000

    def test_the_default_clock_is_the_real_one(self) -> None:
        assert abs(made_at(new_id()) - datetime.now(UTC)) < timedelta(seconds=5)

    @pytest.mark.parametrize("moment", [EPOCH - timedelta(seconds=1), datetime(2200, 1, 1, tzinfo=UTC)])
    def test_a_wrong_machine_clock_is_refused(self, moment: datetime) -> None:
        with pytest.raises(ValueError, match="clock is wrong"):
            IdFactory(clock=at(moment)).new()

    def test_the_last_id_still_fits_a_signed_64_bit_column(self) -> None:
        last = EPOCH + timedelta(milliseconds=(1 << 42) - 1)
        assert IdFactory(clock=at(last), random=all_ones).new() == 2**63 - 1


class TestText:
    @given(st.integers(min_value=0, max_value=2**63 - 1))
    def test_what_is_written_is_read_back(self, number: int) -> None:
        text = to_text(number)
        assert len(text) <= 13
        assert not set(text) & set("ILOU")
        assert from_text(text) == from_text(text.lower()) == number

    @pytest.mark.parametrize(("number", "text"), [(0, "0"), (31, "Z"), (32, "10"), (2**63 - 1, "7ZZZZZZZZZZZZ")])
    def test_known_numbers_have_known_texts(self, number: int, text: str) -> None:
        assert to_text(number) == text

    @pytest.mark.parametrize("text", ["1O0", "i00", "L0o", "l00", "IOo"])
    def test_letters_that_look_like_digits_are_read_as_those(self, text: str) -> None:
        assert from_text(text) == 1024

    @pytest.mark.parametrize(
        "text", ["", "U", "1-0", " 1", "1\n", "é", "ı", "١", "ſ", "8000000000000", "00000000000000"]
    )
    def test_anything_else_is_refused(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"^An id .*\.$"):
            from_text(text)

    @pytest.mark.parametrize("number", [-1, 2**63])
    def test_a_number_that_is_no_id_is_refused(self, number: int) -> None:
        with pytest.raises(ValueError, match="from 0 to"):
            to_text(number)
        with pytest.raises(ValueError, match="from 0 to"):
            made_at(number)
