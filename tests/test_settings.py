"""Settings cross processes unchanged, answer lookups, and every contradiction in them is named with its place."""

import msgspec
import pytest
from msgspec import msgpack
from msgspec.structs import replace

from actors.faults import Fault, faults
from actors.settings import (
    AgentSettings,
    AssistantSettings,
    BotSettings,
    Escalation,
    Hours,
    Limits,
    QuickReply,
    Routing,
    RuntimeSettings,
    ServerSettings,
    Settings,
    StoreSettings,
    Telegram,
    Tier,
)

ACME = BotSettings(id="acme", name="Acme", assistant=AssistantSettings(paths=["faq.md"]))
ALICE = AgentSettings(id="alice", email="alice@acme.example", bots=["acme"], password_hash="$argon2id$v=19$x")


def settings(*bots: BotSettings, agents: tuple[AgentSettings, ...] = (ALICE,), **rest: object) -> Settings:
    return Settings(bots=list(bots) or [ACME], agents=list(agents), **rest)  # type: ignore[arg-type]


def messages(subject: Settings) -> dict[str, str]:
    return {fault.place: fault.message for fault in faults(subject)}


def with_hours(**fields: object) -> Settings:
    return settings(msgspec.structs.replace(ACME, hours=Hours(**fields)))  # type: ignore[arg-type]


def test_settings_come_back_from_messagepack_as_they_were() -> None:
    telegram = Telegram(token_env="TOKEN", group=-1001234567890)
    bot = BotSettings(
        id="acme",
        escalation=Escalation(sentiment_below=-0.6),
        hours=Hours(timezone="Europe/Berlin", monday=["09:00-12:30"]),
        telegram=telegram,
    )
    whole = settings(bot, quick_replies=[QuickReply(shortcut="hello", text="Hi")])
    assert whole.bot("acme") == bot  # Filled lookup tables must not travel.
    assert msgpack.decode(msgpack.encode(whole), type=Settings) == whole


def test_the_defaults_are_those_of_the_protocol() -> None:
    routing, limits, runtime = Routing(), Limits(), RuntimeSettings()
    assert (routing.strategy, routing.offer_seconds, routing.sticky_seconds) == ("least_loaded", 30, 20)
    assert (routing.skill_seconds, routing.disconnect_seconds, routing.wrap_up_seconds) == (30, 20, 0)
    assert (routing.missed_offers_until_away, routing.queue_max, routing.max_wait_seconds) == (2, 1000, 600)
    assert (routing.response_target_seconds, routing.idle_close_seconds, routing.agent_greeting) == (30, 1800, "")
    assert (limits.text_characters, limits.frame_bytes, limits.mailbox_commands) == (8000, 65536, 1000)
    assert (limits.visitor_messages, limits.visitor_seconds, limits.login_failures) == (20, 10, 5)
    assert (limits.attachment_bytes, runtime.hosts, runtime.gateways) == (10485760, 2, 1)
    assert (runtime.placement.conversation, runtime.placement.agent) == ("packed", "packed")
    assert (StoreSettings().url, StoreSettings().sync) == ("sqlite:///live.db", "normal")
    assert (Escalation().sentiment_below, Escalation().unanswered_turns) == (None, 3)
    assert (ALICE.role, ALICE.capacity, AssistantSettings().timeout_seconds) == ("agent", 1, 30)


def test_lookups_find_bots_and_agents_and_answer_none_for_strangers() -> None:
    other = BotSettings(id="other")
    bob = AgentSettings(id="bob", bots=["acme", "other"])
    whole = settings(ACME, other, agents=(ALICE, bob))
    assert whole.bot("other") is other
    assert whole.agent("bob") is bob
    assert whole.agents_of("acme") == (ALICE, bob)
    assert whole.agents_of("other") == (bob,)
    assert (whole.bot("nobody"), whole.agent("nobody"), whole.agents_of("nobody")) == (None, None, ())


def test_only_live_support_can_be_brought_to_a_group() -> None:
    group = Telegram(token_env="T", group=-1)
    basic, premium = (replace(ACME, id=tier, tier=tier, telegram=group) for tier in ("basic", "premium"))
    assert (basic.bridge, premium.bridge, ACME.bridge) == (None, group, None)
    assert settings(basic, premium, ACME).bridged() == ["premium"]


def test_an_agent_without_a_connection_has_as_long_as_the_most_patient_of_her_bots_with_live_support_gives() -> None:
    def patient(id: str, tier: Tier, seconds: int) -> BotSettings:
        return BotSettings(id=id, tier=tier, routing=Routing(disconnect_seconds=seconds))

    whole = settings(patient("a", "premium", 20), patient("b", "premium", 30), patient("c", "basic", 600))
    assert whole.grace_seconds(AgentSettings(id="alice", bots=["a", "b", "c", "gone"])) == 30
    assert whole.grace_seconds(AgentSettings(id="alice", bots=["c"])) == 0


def test_an_agent_is_found_by_her_e_mail_in_any_capitals() -> None:
    assert settings().agent_by_email(" Alice@ACME.example") is ALICE
    assert settings(agents=(AgentSettings(id="bob"),)).agent_by_email("") is None


def test_a_bot_and_an_agent_without_a_name_are_called_by_their_ids() -> None:
    assert (BotSettings(id="acme").name, AgentSettings(id="bob").name) == ("acme", "bob")


def test_the_offline_message_is_the_bots_own_or_a_general_one() -> None:
    assert BotSettings(id="a", hours=Hours(offline_message="At 9.")).offline_message == "At 9."
    assert "e-mail" in BotSettings(id="a").offline_message


@pytest.mark.parametrize(
    ("kind", "table"),
    [
        (RuntimeSettings, {"hosts": 0}),
        (RuntimeSettings, {"held_actors": 0}),
        (Routing, {"offer_seconds": -1}),
        (Routing, {"max_wait_seconds": 0}),
        (Routing, {"strategy": "random"}),
        (Limits, {"text_characters": 0}),
        (Limits, {"text_charakters": 1}),
        (Escalation, {"sentiment_below": -1.5}),
        (BotSettings, {"id": "a/b"}),
        (BotSettings, {"id": "a\n"}),
        (BotSettings, {"id": ""}),
        (BotSettings, {"id": "a" * 65}),
        (AgentSettings, {"id": "a", "capacity": 0}),
        (QuickReply, {"shortcut": "two words", "text": "x"}),
    ],
)
def test_a_value_out_of_its_range_is_not_decoded(kind: type[msgspec.Struct], table: dict[str, object]) -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert(table, kind)


def test_zero_switches_off_what_can_be_switched_off() -> None:
    limits = msgspec.convert({"visitor_messages": 0, "login_failures": 0}, Limits)
    routing = msgspec.convert({"offer_seconds": 0, "sticky_seconds": 0, "idle_close_seconds": 0}, Routing)
    assert (limits.visitor_messages, limits.login_failures, routing.offer_seconds) == (0, 0, 0)


def test_good_settings_have_no_faults() -> None:
    assert faults(settings()) == []


def test_ids_and_e_mails_belong_to_one_only() -> None:
    again = AgentSettings(id="alice", email="ALICE@acme.example", bots=["acme"], password_hash="$argon2id$")
    found = messages(settings(ACME, ACME, agents=(ALICE, again)))
    assert found == {
        "bots[1].id": '"acme" belongs to bots[0] already',
        "agents[1].id": '"alice" belongs to agents[0] already',
        "agents[1].email": '"alice@acme.example" belongs to agents[0] already',
    }


def test_an_unknown_bot_is_named_with_the_one_that_was_meant() -> None:
    lost = msgspec.structs.replace(ALICE, bots=["acme", "acne"])
    found = messages(settings(agents=(lost,)))
    assert found == {"agents[0].bots[1]": 'there is no bot "acne"; did you mean "acme"?'}


def test_a_shortcut_may_repeat_only_where_no_bot_has_it_twice() -> None:
    def reply(*bots: str) -> QuickReply:
        return QuickReply(shortcut="hi", text="Hi", bots=list(bots))

    other = msgspec.structs.replace(ACME, id="other", tier="basic")
    assert messages(settings(ACME, other, quick_replies=[reply("acme"), reply("other")])) == {}
    found = messages(settings(ACME, other, quick_replies=[reply("other"), reply("acme"), reply()]))
    assert found == {"quick_replies[2].shortcut": '"hi" is the shortcut of quick_replies[0] already'}


def test_hours_are_checked_span_by_span_and_date_by_date() -> None:
    found = messages(
        with_hours(
            timezone="Europe/Berln",
            monday=["09:00-12:30", "12:00-13:00"],
            tuesday=["9-5", "18:00-09:00", "23:00-24:01", "00:00-24:00"],
            closed_dates=["2026-12-25", "2026-02-30"],
        )
    )
    assert set(found) == {
        "bots[0].hours.timezone",
        "bots[0].hours.monday",
        "bots[0].hours.tuesday[0]",
        "bots[0].hours.tuesday[1]",
        "bots[0].hours.tuesday[2]",
        "bots[0].hours.closed_dates[1]",
    }
    assert "overlap" in found["bots[0].hours.monday"]


def test_spans_that_touch_do_not_overlap() -> None:
    assert messages(with_hours(monday=["12:00-18:00", "09:00-12:00"])) == {}


@pytest.mark.parametrize("name", ["", "Nowhere/City", "../etc/passwd", "/etc/passwd", "Europe", "x" * 5_000])
def test_a_time_zone_that_does_not_exist_is_a_fault(name: str) -> None:
    assert list(messages(with_hours(timezone=name, monday=["09:00-10:00"]))) == ["bots[0].hours.timezone"]


@pytest.mark.parametrize(
    "url", ["sqlite:///live.db", "sqlite:////var/live.db", "redis://localhost:6379/0", "redis://r"]
)
def test_a_store_is_a_sqlite_file_or_a_redis_server(url: str) -> None:
    assert messages(settings(store=StoreSettings(url=url))) == {}


@pytest.mark.parametrize(
    "url", ["", "live.db", "postgres://x/y", "sqlite://live.db", "redis://", "redis://h:99999/0", "redis://h/first"]
)
def test_any_other_store_is_a_fault(url: str) -> None:
    assert list(messages(settings(store=StoreSettings(url=url)))) == ["store.url"]


@pytest.mark.parametrize("origin", ["acme.example", "https://acme.example/", "ftp://acme.example", "https://", "*"])
def test_an_origin_is_scheme_and_host_and_nothing_else(origin: str) -> None:
    bot = msgspec.structs.replace(ACME, allowed_origins=["https://acme.example", "http://localhost:3000", origin])
    assert list(messages(settings(bot))) == ["bots[0].allowed_origins[2]"]


def test_other_contradictions_are_found_as_well() -> None:
    bot = BotSettings(
        id="acme",
        assistant=AssistantSettings(kind="openai", base_url="localhost"),
        telegram=Telegram(token_env="T", group=-1, api_url="api.telegram.org"),
    )
    agent = AgentSettings(id="bob", email="bob", bots=["acme", "acme"], password_hash="secret")
    found = messages(
        settings(
            bot,
            agents=(agent,),
            server=ServerSettings(trusted_proxies=["10.0.0.0/8", "::1", "proxy"]),
            limits=Limits(text_characters=2_000, frame_bytes=1_024),
        )
    )
    assert set(found) == {
        "server.trusted_proxies[2]",
        "limits.text_characters",
        "bots[0].assistant.model",
        "bots[0].assistant.base_url",
        "bots[0].telegram",
        "bots[0].telegram.api_url",
        "agents[0].bots[1]",
        "agents[0].email",
        "agents[0].password_hash",
    }
    assert "secret" not in found["agents[0].password_hash"]


def test_what_is_legal_but_hardly_meant_is_a_warning() -> None:
    bot = BotSettings(id="acme", hours=Hours(), routing=Routing(agent_greeting="Hi {visitor.nam}!"))
    basic = msgspec.structs.replace(ACME, id="b", tier="basic", telegram=Telegram(token_env="T", group=-1))
    found = faults(settings(bot, basic, agents=(AgentSettings(id="bob"),)))
    assert all(fault.warning for fault in found)
    assert {fault.place for fault in found} == {
        "bots[0]",
        "bots[0].hours",
        "bots[0].routing.agent_greeting",
        "bots[0].assistant.paths",
        "bots[1].telegram",
        "agents[0]",
    }
    (greeting,) = [fault.message for fault in found if fault.place.endswith("agent_greeting")]
    assert greeting == 'there is no {visitor.nam}, and visitors would read it so; did you mean "visitor.name"?'


def test_settings_without_a_bot_are_at_fault() -> None:
    assert faults(Settings()) == [Fault("bots", "there is no bot; each one is a table [[bots]]")]
