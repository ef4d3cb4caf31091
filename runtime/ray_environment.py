"""What Ray reads from the environment when it is imported. To be prepared before `runtime.cluster` is."""

import os

# What Ray does besides running actors costs memory and CPU that we would rather use. Without the first of these,
# workers run at nice 15.
_QUIET = {
    "RAY_worker_niceness": "0",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_enable_metrics_collection": "0",
    "RAY_event_stats": "0",
    "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0",
    "RAY_DEDUP_LOGS": "0",
}


def prepare(token: str = "") -> None:
    """Set what the environment does not say. With a token, nobody without it joins the Ray that is started."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    if token:
        os.environ["RAY_AUTH_MODE"], os.environ["RAY_AUTH_TOKEN"] = "token", token
