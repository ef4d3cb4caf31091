"""A token proves who somebody is for as long as it says, and only when we signed it."""

import base64
import os
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import jwt
import pytest

from gateway.tokens import Claims, TokenError, Tokens, identity_ok, secret

NOW = 1_800_000_000_000
TOKENS = Tokens("a secret of a fair length")
DEEP = base64.urlsafe_b64encode(b"[" * 9_000).decode() + ".e30.AAAA"
VISITOR = Claims.of_visitor("v1", "acme", NOW, name="Zoë")


def reason(tokens: Tokens, token: str, now_ms: int = NOW) -> str:
    with pytest.raises(TokenError) as caught:
        tokens.read(token, now_ms)
    return caught.value.reason


@pytest.mark.parametrize("claims", [VISITOR, Claims.of_agent("alice", NOW)])
def test_a_token_says_what_was_put_into_it(claims: Claims) -> None:
    assert TOKENS.read(TOKENS.issue(claims), NOW) == claims


def test_a_visitors_token_is_good_for_thirty_days_and_an_agents_for_twelve_hours() -> None:
    agent = TOKENS.issue(Claims.of_agent("alice", NOW))
    visitor = TOKENS.issue(VISITOR)
    half_day, month = 12 * 3_600_000, 30 * 86_400_000
    assert TOKENS.read(agent, NOW + half_day - 1).id == "alice"
    assert reason(TOKENS, agent, NOW + half_day) == "expired"
    assert TOKENS.read(visitor, NOW + month - 1).bot == "acme"
    assert reason(TOKENS, visitor, NOW + month) == "expired"


def test_a_token_of_another_secret_is_forged_even_when_it_is_expired() -> None:
    assert reason(Tokens("another secret"), TOKENS.issue(VISITOR), NOW + 10**12) == "forged"


def test_a_token_that_was_changed_anywhere_is_forged() -> None:
    head, body, signature = TOKENS.issue(VISITOR).split(".")
    other_body = Tokens("x").issue(Claims.of_agent("admin", NOW)).split(".")[1]
    assert reason(TOKENS, f"{head}.{other_body}.{signature}") == "forged"
    assert reason(TOKENS, f"{head}.{body}.{signature[:-4]}AAAA") == "forged"


def test_an_unsigned_token_is_forged() -> None:
    claims = {"role": "agent", "id": "admin", "expires_ms": NOW + 1}
    assert reason(TOKENS, jwt.encode(claims, None, "none")) == "forged"


@pytest.mark.parametrize("token", ["", "x", "a.b.c", "a" * 10_000, "\ud800", "é.é.é", DEEP])
def test_rubbish_is_forged(token: str) -> None:
    assert reason(TOKENS, token) == "forged"


@pytest.mark.parametrize(
    "claims", [{}, {"role": "god", "id": "x", "expires_ms": NOW + 1}, {"role": "agent", "id": "x"}]
)
def test_our_signature_under_claims_that_are_none_of_ours_is_forged(claims: dict[str, object]) -> None:
    assert reason(TOKENS, jwt.encode(claims, TOKENS._key, "HS256")) == "forged"


def test_the_secret_is_made_once_and_kept_for_its_owner_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVESUPPORT_SECRET", raising=False)
    data = tmp_path / "new" / "data"
    first = secret(data)
    assert len(first) == 64
    assert secret(data) == first
    assert stat.S_IMODE((data / "secret").stat().st_mode) == 0o600
    assert os.listdir(data) == ["secret"]
    assert secret(tmp_path / "other") != first


def test_processes_that_start_together_get_the_same_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVESUPPORT_SECRET", raising=False)
    start = Barrier(8)

    def begin(_: int) -> str:
        start.wait()
        return secret(tmp_path)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(begin, range(8)))) == 1


def test_the_secret_of_the_environment_wins_and_is_not_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LIVESUPPORT_SECRET", "from the environment")
    assert secret(tmp_path) == "from the environment"
    assert list(tmp_path.iterdir()) == []
    assert caplog.records == []


def test_a_secret_that_can_be_guessed_is_warned_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("LIVESUPPORT_SECRET", "short")
    assert secret(tmp_path) == "short"
    assert "LIVESUPPORT_SECRET" in caplog.text
    assert "short " not in caplog.text.replace("shorter", "")


def test_a_website_vouches_for_its_user_with_the_shared_secret() -> None:
    # RFC 4231, test case 2.
    known = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert identity_ok("Jefe", "what do ya want for nothing?", known)
    assert identity_ok("Jefe", "what do ya want for nothing?", known.upper())
    assert not identity_ok("Jefe", "what do ya want for nothing!", known)
    assert not identity_ok("jefe", "what do ya want for nothing?", known)
    for rubbish in ("", known[:-1], "é" * 64, "\ud800"):
        assert not identity_ok("Jefe", "what do ya want for nothing?", rubbish)


@pytest.mark.parametrize("kept", ["", "\n", "short"])
def test_a_file_without_a_secret_is_none(kept: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LIVESUPPORT_SECRET", raising=False)
    (tmp_path / "secret").write_text(kept)
    with pytest.raises(ValueError, match=f"^{tmp_path}/secret holds no secret. Restore it"):
        secret(tmp_path)
