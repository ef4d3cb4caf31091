"""The processes of the system, as `runtime.cluster` starts them: hosts, gateways, assistant workers, bridges.

Each is a module of its own, since each is imported where it begins: a host that is begun anew, while its visitors wait,
need not read what only a gateway serves.
"""
