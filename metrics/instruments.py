"""Every metric of the system, defined once: its question as help text, its labels, and buckets chosen for the question.

This file imports nothing of ours, so that every layer may name a metric by it. Names are without the prefix that
readers see, as measures use them. No conversation and no visitor is ever a label: what a label holds comes from the
configuration or from a fixed list.
"""

from collections.abc import Mapping
from typing import Literal

import msgspec

PREFIX = "livesupport_"

Kind = Literal["counter", "gauge", "histogram"]
Merge = Literal["sum", "max"]

LABEL_SETS_MAX = 20_000
"""Of one metric in one process. What comes beyond is dropped, and said once: a label is not bounded as it should be."""

# 30 seconds is the promise to visitors: an edge wherever somebody waits.
RESPONSE_BUCKETS = (1, 2, 5, 10, 15, 20, 30, 45, 60, 90, 120, 300, 600, 1800)
WAIT_BUCKETS = (1, 2, 5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200)
HANDLE_BUCKETS = (30, 60, 120, 180, 300, 450, 600, 900, 1200, 1800, 2700, 3600, 7200)
ASSISTANT_BUCKETS = (0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 20, 30, 60)
LATENCY_BUCKETS = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5)
SIZE_BUCKETS = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)
SCORES = (1, 2, 3, 4, 5)


class UnknownMeasure(Exception):
    """No metric has this name, or not these labels."""


class Instrument(msgspec.Struct, frozen=True):
    """One metric. `sampled`: read where the truth is when somebody asks, so measures of it are not kept.

    `merge` says how the values of several processes that share an instance become one.
    """

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()
    buckets: tuple[float, ...] = ()
    sampled: bool = False
    merge: Merge = "sum"
    prefix: str = PREFIX

    @property
    def family(self) -> str:
        """The name that readers see."""
        return self.prefix + self.name


def _counter(name: str, help: str, *labels: str, sampled: bool = False, prefix: str = PREFIX) -> Instrument:
    return Instrument(name, "counter", help, labels, sampled=sampled, prefix=prefix)


def _gauge(
    name: str, help: str, *labels: str, sampled: bool = True, merge: Merge = "sum", prefix: str = PREFIX
) -> Instrument:
    return Instrument(name, "gauge", help, labels, sampled=sampled, merge=merge, prefix=prefix)


def _histogram(name: str, help: str, buckets: tuple[float, ...], *labels: str) -> Instrument:
    return Instrument(name, "histogram", help, labels, buckets)


CONVERSATIONS = (
    _counter("messages_total", "Messages that are in the journal, by who wrote them.", "bot", "from"),
    _gauge("conversations", "Conversations by state, as the journal lists them.", "bot", "state"),
    _counter("takeovers_total", "Times that a human became the owner of a conversation.", "bot", "how"),
    _counter("handoffs_total", "Times that a human was asked for, by what asked.", "bot", "trigger"),
    _histogram("handoff_wait_seconds", "From asking for a human until one was assigned.", WAIT_BUCKETS, "bot"),
    _counter("offline_answered_total", "Handoffs that ended with the offline message, by why.", "bot", "reason"),
    _histogram(
        "first_response_seconds",
        "From an agent's assignment until her first answer.",
        RESPONSE_BUCKETS,
        *("bot", "agent"),
    ),
    _histogram(
        "response_seconds",
        "How long a visitor waited for each of an agent's answers, from the first message that was unanswered.",
        RESPONSE_BUCKETS,
        *("bot", "agent"),
    ),
    _counter("responses_within_target_total", "Answers within the bot's target for responses.", "bot", "agent"),
    _histogram(
        "handle_seconds",
        "From an agent's assignment until the conversation left her, closed or not.",
        HANDLE_BUCKETS,
        *("bot", "agent"),
    ),
    _counter("closed_total", "Conversations closed; no agent: she had no part in it.", "bot", "agent", "resolution"),
    _histogram("rating", "Ratings that visitors gave, 1 to 5.", SCORES, "bot", "agent"),
    _counter("offers_total", "Conversations offered to an agent, by how the offer ended.", "bot", "agent", "outcome"),
    _gauge("orphaned_conversations", "Conversations with no owner and no deadline: must read 0."),
    _histogram(
        "assistant_seconds",
        "From a visitor's question until the assistant's turn ended.",
        ASSISTANT_BUCKETS,
        *("bot", "outcome"),
    ),
    _counter("assistant_tokens_total", "Tokens that models have read and written for a bot.", "bot"),
    _gauge("assistant_tokens_spent", "Tokens of this month, of a bot that has a budget.", "bot"),
    _gauge("assistant_tokens_budget", "Tokens that a bot may spend in a month.", "bot"),
    _counter("stale_assistant_messages_total", "What the assistant said under an epoch that was over, refused."),
    _counter(
        "stale_assistant_messages_through_total",
        "Answers of the assistant in the journal while it did not own the conversation: must read 0.",
        "bot",
    ),
)

PEOPLE = (
    _gauge("agent_status", "1 for an agent's present status, 0 for the others.", "agent", "status"),
    _gauge("agent_load", "Conversations that an agent has, or is offered.", "agent"),
    _gauge("agent_capacity", "Conversations that an agent may have at a time.", "agent"),
    _gauge("agents_online", "Agents online, of a bot with live support.", "bot"),
    _gauge("bot_open", "1 in the opening hours of a bot with live support, else 0.", "bot"),
    _gauge("queue_length", "Visitors who wait for an agent.", "bot"),
    _gauge("queue_oldest_seconds", "How long the longest of them has waited; 0: nobody waits.", "bot"),
    _gauge("sessions", "Clients that are connected.", "role"),
    _gauge("telegram_pending", "Messages that wait to be sent to Telegram."),
)

MACHINERY = (
    _histogram(
        "command_seconds", "From a command's arrival at its host until its batch was durable.", LATENCY_BUCKETS, "type"
    ),
    _histogram("batch_commands", "Messages that shared a call between two processes.", SIZE_BUCKETS),
    _histogram("commit_seconds", "Appends to the journal.", LATENCY_BUCKETS),
    _counter("committed_records_total", "Records appended to the journal."),
    _histogram(
        "delivery_seconds",
        "From the time of an event, just before its commit, until a client's socket took it: the oldest of each write.",
        LATENCY_BUCKETS,
    ),
    _gauge("mailbox_depth_max", "The fullest mailbox of the last minute, in commands.", merge="max"),
    _gauge("mailbox_bound", "Commands that a mailbox holds; then senders are told `overloaded`.", merge="max"),
    _gauge("activations", "Actors in memory.", "kind"),
    _counter("rejected_total", "Commands and requests that were refused, by the protocol's codes.", "code"),
    _counter("link_resends_total", "Batches sent again because nobody knew what had become of them.", sampled=True),
    _counter("failed_appends_total", "Appends whose outcome nobody knew.", sampled=True),
    _counter("lost_events_total", "Events that were acked and seen, and that the store has lost.", sampled=True),
    _gauge("store_away", "1 for a host that waits for the store, since an append has failed, else 0."),
    _gauge("process_up", "1 for a process that has answered this scrape, 0 for one that was left out."),
    _gauge("processes_silent", "Processes that were left out of this scrape because they did not answer."),
    _counter("process_cpu_seconds_total", "CPU time of the process.", sampled=True, prefix=""),
    _gauge("process_resident_memory_bytes", "Memory of the process.", prefix=""),
    _gauge("process_open_fds", "Open files and sockets of the process.", prefix=""),
    _gauge("process_max_fds", "Files and sockets that the process may have open.", prefix=""),
    _gauge(
        "process_start_time_seconds", "When the process began: it changes with every restart.", merge="max", prefix=""
    ),
)

INSTRUMENTS: Mapping[str, Instrument] = {one.name: one for one in (*CONVERSATIONS, *PEOPLE, *MACHINERY)}

FACTS = frozenset(one.name for one in CONVERSATIONS if "bot" in one.labels and not one.sampled)
"""Those that are counted in the journal, with the events that they are counts of."""


def instrument(name: str, labels: int) -> Instrument:
    """The metric of that name. Raises `UnknownMeasure` if there is none, or not with so many labels."""
    found = INSTRUMENTS.get(name)
    if found is None:
        raise UnknownMeasure(f"there is no metric {name!r}")
    if len(found.labels) != labels:
        raise UnknownMeasure(f"{name} has the labels {found.labels}, not {labels} of them")
    return found
