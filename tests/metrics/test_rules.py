"""Alerts and dashboards: sound, about metrics that there are, and firing when they should and only then."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

from metrics.instruments import INSTRUMENTS, Instrument
from tests.metrics.queries import ALERTS, DASHBOARDS, METRICS, alerts, dashboard, panels

TESTS = Path(__file__).with_name("alerts.test.yml")
FAMILIES = {one.family: one for one in INSTRUMENTS.values()}
FOREIGN = {"up": {"job", "instance"}}

needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool comes with Prometheus")


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_finds_nothing_wrong_with_rules_and_configuration() -> None:
    promtool("check", "rules", ALERTS)
    promtool("check", "config", METRICS / "prometheus.yml")


@needs_promtool
def test_alerts_fire_when_they_should_and_only_then() -> None:
    promtool("test", "rules", TESTS)


@pytest.mark.parametrize("fires", [True, False])
def test_every_alert_is_tested_with_a_case_that_fires_and_with_one_that_does_not(fires: bool) -> None:
    cases = [case for test in yaml.safe_load(TESTS.read_text())["tests"] for case in test["alert_rule_test"]]
    assert {case["alertname"] for case in cases if bool(case["exp_alerts"]) == fires} == {name for name, _ in alerts()}


def test_every_alert_says_what_is_wrong_and_what_to_do_and_the_readme_knows_it() -> None:
    readme = (METRICS / "README.md").read_text()
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in ("warning", "critical")
            assert {"summary", "runbook"} <= rule["annotations"].keys()
            assert f"| {rule['alert']} |" in readme


@needs_promtool
def test_every_panel_is_sound_promql(tmp_path: Path) -> None:
    rules = [{"record": f"panel:{number}", "expr": expr} for number, (_, expr) in enumerate(panels())]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", path)


def family_of(name: str) -> Instrument | None:
    """What a name in a query belongs to: of a histogram, its buckets, count or sum."""
    if name in FAMILIES and FAMILIES[name].kind != "histogram":
        return FAMILIES[name]
    stem = FAMILIES.get(re.sub(r"_(bucket|count|sum)$", "", name))
    return stem if stem is not None and stem.kind == "histogram" and stem.family != name else None


@pytest.mark.parametrize(("where", "expression"), [*panels(), *alerts()])
def test_what_is_asked_for_is_defined(where: str, expression: str) -> None:
    named = re.findall(r"\b((?:livesupport|process)_\w+|up)\b(?!\()(?:\{([^}]*)\})?", expression)
    assert named, f"{where} asks for nothing of ours"
    known: set[str] = {"instance"}
    for name, matchers in named:
        found = family_of(name)
        assert found is not None or name in FOREIGN, f"{where}: there is no {name}"
        labels = {"instance", "job"} | (set(found.labels) if found is not None else FOREIGN[name])
        labels |= {"le"} if name.endswith("_bucket") else set()
        known |= labels
        assert set(re.findall(r"(\w+)\s*[=!]~?", matchers)) <= labels, f"{where}: {name} has no such labels"
    for grouped in re.findall(r"\bby \(([^)]*)\)", expression):
        assert {one.strip() for one in grouped.split(",")} <= known, f"{where}: nothing has these labels"


def test_rates_are_taken_before_sums_so_that_restarts_are_seen() -> None:
    for where, expression in [*panels(), *alerts()]:
        assert not re.search(r"(rate|increase|changes)\(\s*(sum|max|min|avg)\b", expression), where


def test_counters_are_never_read_as_they_stand() -> None:
    through = "livesupport_stale_assistant_messages_through_total"  # one is too many, whenever it was
    for where, expression in [*panels(), *alerts()]:
        for name in re.findall(r"\blivesupport_\w+(?:_total|_count|_bucket|_sum)\b", expression):
            ranged = re.search(rf"(rate|increase|changes)\({name}(\{{[^}}]*\}})?\[", expression)
            assert ranged or name == through, f"{where}: {name}"


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_a_dashboard_is_one_that_grafana_shows(path: Path) -> None:
    read = dashboard(path)
    shown = read["panels"]
    assert read["uid"] == f"livesupport-{path.stem}"
    assert len({one["id"] for one in shown}) == len(shown)
    assert all(one["datasource"]["uid"] == "livesupport" for one in shown if one["type"] != "row")
    taken: set[tuple[int, int]] = set()
    for one in shown:
        at = one["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24
        assert not cells & taken, f"{one['title']} lies over another panel"
        taken |= cells


@pytest.mark.parametrize("path", DASHBOARDS, ids=lambda path: path.stem)
def test_every_target_asks_our_prometheus_with_variables_that_there_are(path: Path) -> None:
    read = dashboard(path)
    known = {one["name"] for one in read["templating"]["list"]} | {"__rate_interval", "__range"}
    for panel in (one for one in read["panels"] if one["type"] != "row"):
        assert panel["targets"], panel["title"]
        assert len({target["refId"] for target in panel["targets"]}) == len(panel["targets"])
        for target in panel["targets"]:
            assert target.get("datasource", panel["datasource"])["uid"] == "livesupport"
            assert set(re.findall(r"\$\{?(\w+)", target["expr"])) <= known, panel["title"]
    assert {one["datasource"]["uid"] for one in read["templating"]["list"]} <= {"livesupport"}


def test_the_agents_dashboard_can_be_narrowed_to_a_bot_and_an_agent() -> None:
    [agents] = [dashboard(path) for path in DASHBOARDS if path.stem == "agents"]
    assert [one["name"] for one in agents["templating"]["list"]] == ["bot", "agent"]


def test_grafana_finds_the_dashboards_and_the_datasource_by_itself() -> None:
    provisioning = METRICS / "grafana" / "provisioning"
    [source] = yaml.safe_load((provisioning / "datasources" / "prometheus.yml").read_text())["datasources"]
    [provider] = yaml.safe_load((provisioning / "dashboards" / "livesupport.yml").read_text())["providers"]
    assert (source["uid"], source["type"]) == ("livesupport", "prometheus")
    assert provider["options"]["path"] == "$LIVESUPPORT_DASHBOARDS"
