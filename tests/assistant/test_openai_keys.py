"""The key of a model server: where it comes from, and where it never goes."""

import logging

import pytest

from actors.assistant.engine import EngineFailed, build_engine
from tests.assistant.asking import asked, last, run, run_failing
from tests.assistant.model_server import fails, model_server, says


def test_a_refused_key_does_not_echo_it() -> None:
    run_failing("AuthenticationError 401", fails(401))


def test_the_key_comes_from_the_environment_and_stays_out_of_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TEST_MODEL_KEY", "sk-very-secret")

    async def story() -> None:
        async with model_server(fails(401)) as model:
            with caplog.at_level(logging.DEBUG), pytest.raises(EngineFailed) as failed:
                await asked(model, api_key_env="TEST_MODEL_KEY")
            assert model.exchanges[0].headers["authorization"] == "Bearer sk-very-secret"
            assert "sk-very-secret" not in caplog.text + str(failed.value)

    run(story())


def test_openais_key_is_sent_to_no_other_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-openai")

    async def story() -> None:
        async with model_server(says("ok")) as model:
            await last(model)
            assert "sk-openai" not in model.exchanges[0].headers["authorization"]

    run(story())


def test_a_key_that_is_not_set_stops_the_bot_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    with pytest.raises(ValueError, match="OPENAI_API_KEY"):
        build_engine("openai", {"model": "m"})
    with pytest.raises(ValueError, match="ACME_KEY"):
        build_engine("openai", {"model": "m", "base_url": "http://127.0.0.1:9/v1", "api_key_env": "ACME_KEY"})
    with pytest.raises(ValueError, match="model"):
        build_engine("openai", {"base_url": "http://127.0.0.1:9/v1", "model": ""})
