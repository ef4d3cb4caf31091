"""What is done to a running system on purpose, under load, and what that costs.

    Ground    the server, its processes by their names, and what it stands on
    Load      plays of benchmarks.replay, one after the other, and a probe at each host; judged against the journal
    causes    the faults, each a function that strikes and says from when to count
    Row       acked, lost, done twice, out of order, assistant messages after a takeover, seconds until it is back

`python -m benchmarks.faults` runs them and prints the table; tests/cluster runs the same.
"""
