from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from storage.encryption import Unreadable, Vault, WrongKey, new_key, parse_keys

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
LOOKUP = b"\x07" * 32
COLUMN = "messages.text"


@pytest.fixture
def vault() -> Vault:
    return Vault((OLD,), LOOKUP)


class TestKeys:
    def test_a_new_key_is_read_back_as_32_bytes(self) -> None:
        (key,) = parse_keys(new_key())
        assert len(key) == 32

    def test_several_keys_keep_their_order(self) -> None:
        first, second = new_key(), new_key()
        assert parse_keys(f" {first} ,{second},") == parse_keys(first) + parse_keys(second)

    def test_a_key_may_lack_its_padding(self) -> None:
        key = new_key()
        assert parse_keys(key.rstrip("=")) == parse_keys(key)

    def test_a_key_made_by_openssl_is_taken_too(self) -> None:
        key = bytes(range(224, 256))
        assert (
            parse_keys(base64.b64encode(key).decode()) == parse_keys(base64.urlsafe_b64encode(key).decode()) == (key,)
        )

    @pytest.mark.parametrize("text", ["", " , ", "rahasia", "é" * 44, "!" * 43, base64.b64encode(bytes(31)).decode()])
    def test_a_bad_key_is_refused_in_one_sentence(self, text: str) -> None:
        with pytest.raises(ValueError, match=r"32 random bytes in URL-safe base64\.$"):
            parse_keys(text)

    def test_the_sentence_names_the_position_and_never_the_key(self) -> None:
        good, bad = new_key(), new_key()[:-4]
        with pytest.raises(ValueError, match="key number 2 is not") as caught:
            parse_keys(f"{good},{bad}")
        assert bad not in str(caught.value)
        assert good not in str(caught.value)
        assert caught.value.__cause__ is None

    def test_a_key_listed_twice_is_refused(self) -> None:
        key = new_key()
        with pytest.raises(ValueError, match="number 2 is the same as an earlier one"):
            parse_keys(f"{key},{key}")

    @pytest.mark.parametrize("keys", [(), (b"short",), (OLD, OLD)])
    def test_a_vault_refuses_unusable_keys(self, keys: tuple[bytes, ...]) -> None:
        with pytest.raises(ValueError, match=r"\.$"):
            Vault(keys, LOOKUP)

    def test_a_vault_refuses_a_short_lookup_key(self) -> None:
        with pytest.raises(ValueError, match="lookup key"):
            Vault((OLD,), b"short")


class TestSealing:
    @given(value=st.binary(max_size=300), row=st.integers(min_value=0, max_value=2**63 - 1))
    def test_what_is_sealed_opens_in_its_place(self, value: bytes, row: int) -> None:
        vault = Vault((OLD,), LOOKUP)
        assert vault.open(COLUMN, row, vault.seal(COLUMN, row, value)) == value

    def test_text_and_json_come_back_as_they_were(self, vault: Vault) -> None:
        assert vault.open_text(COLUMN, 1, vault.seal(COLUMN, 1, "Jalan Merdeka ❤")) == "Jalan Merdeka ❤"
        facts = {"b": [1, None, True], "a": "Siantar — Martoba"}
        opened = vault.open_json(COLUMN, 1, vault.seal_json(COLUMN, 1, facts))
        assert opened == facts
        assert list(opened) == ["b", "a"]

    def test_json_refuses_what_json_cannot_say(self, vault: Vault) -> None:
        with pytest.raises(ValueError, match="not JSON compliant"):
            vault.seal_json(COLUMN, 1, float("nan"))
        with pytest.raises(TypeError):
            vault.seal_json(COLUMN, 1, object())

    def test_the_same_value_never_looks_the_same_twice(self, vault: Vault) -> None:
        assert len({vault.seal(COLUMN, 1, "sama") for _ in range(100)}) == 100

    def test_sizes_come_in_steps_of_64_bytes(self, vault: Vault) -> None:
        sizes = {length: len(vault.seal(COLUMN, 1, bytes(length))) for length in range(200)}
        assert sizes[0] == sizes[60] == 1 + 4 + 12 + 64 + 16
        assert sizes[61] == sizes[124] == sizes[60] + 64
        assert sizes[125] == sizes[61] + 64

    def test_another_row_or_column_cannot_open_it(self, vault: Vault) -> None:
        sealed = vault.seal(COLUMN, 1, "rahasia")
        for column, row in [(COLUMN, 2), ("messages.name", 1), ("messages.text:1", 1)]:
            with pytest.raises(Unreadable, match="altered or belongs to another row"):
                vault.open(column, row, sealed)

    def test_any_altered_byte_is_noticed(self, vault: Vault) -> None:
        sealed = vault.seal(COLUMN, 1, "rahasia")
        for place in range(len(sealed)):
            altered = bytearray(sealed)
            altered[place] ^= 1
            with pytest.raises(Unreadable):
                vault.open(COLUMN, 1, bytes(altered))

    def test_any_shorter_piece_is_noticed(self, vault: Vault) -> None:
        sealed = vault.seal(COLUMN, 1, "a" * 100)
        for length in range(len(sealed)):
            with pytest.raises(Unreadable):
                vault.open(COLUMN, 1, sealed[:length])

    def test_errors_never_carry_the_value(self, vault: Vault) -> None:
        sealed = vault.seal(COLUMN, 1, "rahasia")
        with pytest.raises(Unreadable) as caught:
            vault.open(COLUMN, 2, sealed)
        assert "rahasia" not in str(caught.value)
        assert sealed.hex() not in str(caught.value)

    def test_threads_share_a_vault(self, vault: Vault) -> None:
        def there_and_back(row: int) -> bool:
            value = row.to_bytes(8, "big") * 20
            return vault.open(COLUMN, row, vault.seal(COLUMN, row, value)) == value

        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(there_and_back, range(2000)))


class TestRotation:
    def test_an_older_key_still_opens_and_the_new_one_seals(self, vault: Vault) -> None:
        both = Vault((NEW, OLD), LOOKUP)
        sealed = vault.seal(COLUMN, 1, "lama")
        assert both.open_text(COLUMN, 1, sealed) == "lama"
        assert both.needs_rotation(sealed)

        resealed = both.reseal(COLUMN, 1, sealed)
        assert not both.needs_rotation(resealed)
        assert Vault((NEW,), LOOKUP).open_text(COLUMN, 1, resealed) == "lama"

    def test_what_is_sealed_under_the_first_key_is_left_alone(self, vault: Vault) -> None:
        sealed = vault.seal(COLUMN, 1, "baru")
        assert vault.reseal(COLUMN, 1, sealed) is sealed

    def test_a_key_dropped_too_early_is_named_as_such(self, vault: Vault) -> None:
        sealed = vault.seal(COLUMN, 7, "lama")
        with pytest.raises(WrongKey, match=r"messages.text of row 7 is sealed under an encryption key"):
            Vault((NEW,), LOOKUP).open(COLUMN, 7, sealed)

    def test_reseal_keeps_a_value_in_its_place(self, vault: Vault) -> None:
        with pytest.raises(Unreadable):
            Vault((NEW, OLD), LOOKUP).reseal(COLUMN, 2, vault.seal(COLUMN, 1, "lama"))


class TestLookupKey:
    def test_it_survives_wrapping(self, vault: Vault) -> None:
        again = Vault.unwrap((OLD,), Vault.wrap((OLD,), LOOKUP))
        assert again.hash("people", "telegram", "", "1") == vault.hash("people", "telegram", "", "1")

    def test_it_is_wrapped_again_when_the_key_changes(self, vault: Vault) -> None:
        both = Vault.unwrap((NEW, OLD), Vault.wrap((OLD,), LOOKUP))
        alone = Vault.unwrap((NEW,), both.rewrap())
        assert alone.hash("people", "telegram", "", "1") == vault.hash("people", "telegram", "", "1")

    @pytest.mark.parametrize("wrapped", [Vault.wrap((OLD,), LOOKUP), b"", b"\x01" * 200], ids=["cut", "empty", "other"])
    def test_the_wrong_key_tells_the_operator_what_to_do(self, wrapped: bytes) -> None:
        with pytest.raises(WrongKey, match="restore the key that it was made with"):
            Vault.unwrap((NEW,), wrapped)


class TestHash:
    def test_a_hash_is_16_bytes_and_always_the_same(self, vault: Vault) -> None:
        value = vault.hash("addresses.address", "telegram", "warga", "12345")
        assert len(value) == 16
        assert value == Vault((NEW,), LOOKUP).hash("addresses.address", "telegram", "warga", "12345")

    def test_another_lookup_key_hashes_otherwise(self, vault: Vault) -> None:
        assert Vault((OLD,), bytes(32)).hash("a", "b", "c", "d") != vault.hash("a", "b", "c", "d")

    @given(
        one=st.tuples(*[st.text(alphabet="ab|:\0", max_size=3)] * 4),
        other=st.tuples(*[st.text(alphabet="ab|:\0", max_size=3)] * 4),
    )
    def test_parts_never_run_into_each_other(self, one: tuple[str, ...], other: tuple[str, ...]) -> None:
        vault = Vault((OLD,), LOOKUP)
        assert (vault.hash(*one) == vault.hash(*other)) == (one == other)

    def test_hashes_are_stable_across_releases(self, vault: Vault) -> None:
        assert vault.hash("addresses.address", "telegram", "warga", "12345").hex() == "51aea034a453cdbfd162d19be0304d64"
