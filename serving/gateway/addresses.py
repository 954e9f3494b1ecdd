"""Addresses that a server listens on: whether others reach it."""

from __future__ import annotations

import ipaddress

THIS_MACHINE = "127.0.0.1"


def is_this_machine(host: str) -> bool:
    """Whether an address is reached from this machine only."""
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return host == "localhost"
