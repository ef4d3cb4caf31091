"""Only the right password is right, and asking for somebody unknown is as much work as asking for somebody known."""

import pytest

from gateway import passwords


@pytest.fixture(scope="module")
def known() -> str:
    return passwords.hash("correct horse")


def test_the_right_password_is_right_and_no_other_is(known: str) -> None:
    assert passwords.verify(known, "correct horse")
    for wrong in ("correct horse ", "Correct horse", "", "x" * 100_000, "\ud800"):
        assert not passwords.verify(known, wrong)


def test_a_hash_is_argon2id_with_a_salt_of_its_own(known: str) -> None:
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert passwords.hash("correct horse") != known


@pytest.mark.parametrize("unknown", [None, ""])
def test_nobody_has_a_password_not_even_the_empty_one(unknown: str | None) -> None:
    assert not passwords.verify(unknown, "")
    assert not passwords.verify(unknown, "correct horse")


@pytest.mark.parametrize("broken", ["hunter2", "$argon2id$v=19$m=1", "$2b$12$abc", "é"])
def test_a_broken_hash_opens_for_nobody(broken: str) -> None:
    assert not passwords.verify(broken, broken)


class Counting:
    """Counts the checks it passes on."""

    def __init__(self) -> None:
        self.inner = passwords._hasher
        self.hashes: list[str] = []

    def verify(self, password_hash: str, password: bytes) -> bool:
        self.hashes.append(password_hash)
        return self.inner.verify(password_hash, password)

    def hash(self, password: bytes) -> str:
        return self.inner.hash(password)


@pytest.fixture
def counting(monkeypatch: pytest.MonkeyPatch) -> Counting:
    fake = Counting()
    monkeypatch.setattr(passwords, "_hasher", fake)
    return fake


def test_an_unknown_e_mail_costs_a_check_of_the_same_parameters(counting: Counting, known: str) -> None:
    passwords.verify(known, "wrong")
    passwords.verify(None, "wrong")
    one, other = counting.hashes
    assert one.split("$")[:4] == other.split("$")[:4]


@pytest.mark.parametrize("password", ["", "x" * 1_025])
def test_an_empty_or_endless_password_gets_no_hash(password: str) -> None:
    with pytest.raises(ValueError, match="1 to 1,024"):
        passwords.hash(password)


def test_the_longest_password_works() -> None:
    longest = "ü" * 1_024
    assert passwords.verify(passwords.hash(longest), longest)
