"""The table of metrics against its two neighbours: the protocol that promises them, and the code that measures them."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from metrics.instruments import INSTRUMENTS, instrument

ROOT = Path(__file__).parents[2]

PROTOCOL = """
livesupport_messages_total{bot,from} · livesupport_conversations{bot,state} · livesupport_takeovers_total{bot,how} ·
livesupport_handoffs_total{bot,trigger} · livesupport_handoff_wait_seconds{bot} ·
livesupport_first_response_seconds{bot,agent} · livesupport_response_seconds{bot,agent} ·
livesupport_responses_within_target_total{bot,agent} · livesupport_handle_seconds{bot,agent} ·
livesupport_closed_total{bot,agent,resolution} · livesupport_rating{bot,agent} ·
livesupport_offers_total{bot,agent,outcome} · livesupport_agent_status{agent,status} · livesupport_agent_load{agent} ·
livesupport_agent_capacity{agent} · livesupport_queue_length{bot} · livesupport_queue_oldest_seconds{bot} ·
livesupport_assistant_seconds{bot,outcome} · livesupport_sessions{role} · livesupport_command_seconds{type} ·
livesupport_delivery_seconds · livesupport_batch_commands · livesupport_commit_seconds ·
livesupport_mailbox_depth_max · livesupport_activations{kind} · livesupport_rejected_total{code} ·
livesupport_link_resends_total · livesupport_telegram_pending · livesupport_orphaned_conversations ·
livesupport_stale_assistant_messages_total
"""


def listed(metrics: str) -> dict[str, tuple[str, ...]]:
    """Each metric's labels, of a list as the protocol has it."""
    found: dict[str, tuple[str, ...]] = {}
    for one in metrics.replace("\n", " ").split("·"):
        name, _, labels = one.strip().rstrip("}").partition("{")
        found[name] = tuple(labels.split(",")) if labels else ()
    return found


DEFINED = {one.family: one.labels for one in INSTRUMENTS.values()}
PROMISED = listed(PROTOCOL)


def test_what_the_protocol_promises_is_defined_with_its_labels() -> None:
    assert {name: DEFINED.get(name) for name in PROMISED} == PROMISED


def measures() -> Iterator[tuple[str, str, int | None]]:
    """Every `Measure("name", (labels))` in the machines: where, the name, and how many labels if that can be seen."""
    for path in sorted((ROOT / "actors").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Measure":
                name, labels = node.args[0], node.args[1]
                assert isinstance(name, ast.Constant), f"{path}:{node.lineno}: the name is not to be seen"
                count = len(labels.elts) if isinstance(labels, ast.Tuple) else None
                yield f"{path.relative_to(ROOT)}:{node.lineno}", name.value, count


@pytest.mark.parametrize(("where", "name", "labels"), list(measures()))
def test_what_a_machine_measures_is_defined(where: str, name: str, labels: int | None) -> None:
    instrument(name, labels if labels is not None else len(INSTRUMENTS[name].labels))


def test_what_is_counted_is_measured_somewhere() -> None:
    measured = {name for _, name, _ in measures()}
    facts = {one.name for one in INSTRUMENTS.values() if not one.sampled and "bot" in one.labels}
    assert facts - measured == set()
