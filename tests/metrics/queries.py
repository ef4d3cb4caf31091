"""Every PromQL expression that we ship: of panels, with Grafana's variables filled in, and of alerts."""

import json
import re
from pathlib import Path
from typing import Any

import yaml

METRICS = Path(__file__).parents[2] / "metrics"
ALERTS = METRICS / "alerts.yml"
DASHBOARDS = sorted((METRICS / "grafana" / "dashboards").glob("*.json"))

FILLED = {"$__rate_interval": "1m", "$__range": "1h", "$bot": ".*", "$agent": ".*"}


def dashboard(path: Path) -> dict[str, Any]:
    """As Grafana reads it."""
    read: dict[str, Any] = json.loads(path.read_text())
    return read


def panels() -> list[tuple[str, str]]:
    """Where, and the expression."""
    found = []
    for path in DASHBOARDS:
        for panel in dashboard(path)["panels"]:
            for target in panel.get("targets", ()):
                found.append((f"{path.stem}: {panel['title']} {target['refId']}", filled(target["expr"])))
    return found


def filled(expression: str) -> str:
    """The expression as Prometheus gets it."""
    for variable, value in FILLED.items():
        expression = expression.replace(variable, value)
    return expression


def alerts() -> list[tuple[str, str]]:
    """Each alert's name and expression."""
    groups = yaml.safe_load(ALERTS.read_text())["groups"]
    return [(rule["alert"], rule["expr"]) for group in groups for rule in group["rules"]]


def variables() -> list[tuple[str, str, str]]:
    """Of each variable of a dashboard: where, the label whose values it offers, and of which series."""
    found = []
    for path in DASHBOARDS:
        for one in dashboard(path).get("templating", {}).get("list", ()):
            query = one["query"]["query"] if isinstance(one["query"], dict) else one["query"]
            asked = re.fullmatch(r"label_values\((.+), (\w+)\)", query)
            assert asked, f"{path.stem} ${one['name']}: {query}"
            found.append((f"{path.stem} ${one['name']}", asked[2], filled(asked[1])))
    return found


def selectors(expression: str) -> list[str]:
    """Every series that an expression asks for."""
    return re.findall(r"\b(?:livesupport_\w+|process_\w+|up)\b(?!\()(?:\{[^}]*\})?", expression)
