"""The load generator: raw sockets, hand-made frames and one `epoll` loop, so that what is measured is the server.

It knows no server: what a message looks like on the wire, and how its delivery is recognised, is a peer's to say
(`benchmarks/peers/`). All that it counts goes through `ledger.py`, the same for every peer.
"""
