"""How often somebody may try a password: by address and by name, counted before it is verified.

A browser on which a user logged in before has a limit of its own, so that strangers who guess at
a name do not lock its owner out.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from sqlalchemy import Engine

from serving.gateway.rate_limit import RateLimit
from serving.home.users import MAX_NAME_CHARS, is_password_of
from serving.page.guard.user_sessions import is_device_mark

MAX_FAILED_LOGINS, FAILED_LOGINS_S = 5, 300.0
MAX_FAILED_OF_ADDRESS = 20
MAX_FAILED_OF_NAME = 50
MAX_DEVICE_MARK_CHARS = 200
_IPV6_SITE_BITS = 64  # what one customer has
# Verifying a password takes 64 MB and much of a core.
_VERIFIED_AT_ONCE = 2


class TooManyAttemptsError(Exception):
    """The password was not verified: too many were wrong."""


@dataclass(frozen=True)
class _Limits:
    """The limits that an attempt counts towards, each with its key."""

    counted: tuple[tuple[RateLimit, str], ...]

    def take(self) -> bool:
        """Count an attempt in all of them, or in none."""
        for n_taken, (limit, key) in enumerate(self.counted):
            if not limit.take(key):
                _Limits(self.counted[:n_taken]).give_back()
                return False
        return True

    def give_back(self) -> None:
        for limit, key in self.counted:
            limit.give_back(key)


def _failures(most: int) -> RateLimit:
    return RateLimit(most, FAILED_LOGINS_S)


@dataclass(frozen=True)
class LoginAttempts:
    """Verifies passwords, so many wrong ones within some minutes and no more."""

    store: Engine
    _of_device: RateLimit = field(default_factory=lambda: _failures(MAX_FAILED_LOGINS))
    _of_pair: RateLimit = field(default_factory=lambda: _failures(MAX_FAILED_LOGINS))
    _of_address: RateLimit = field(default_factory=lambda: _failures(MAX_FAILED_OF_ADDRESS))
    _of_name: RateLimit = field(default_factory=lambda: _failures(MAX_FAILED_OF_NAME))
    _verifying: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_VERIFIED_AT_ONCE))

    async def verify(self, name: str, password: str, address: str, mark: str = "") -> bool:
        """Say whether the password is right.

        Args:
            name: as it was typed.
            password: as it was typed.
            address: the client's.
            mark: the browser's device mark, or empty.

        Raises:
            TooManyAttemptsError: too many were wrong; this one was not looked at.
        """
        name = name.strip()
        if not 0 < len(name) <= MAX_NAME_CHARS:
            return False
        limits = self._limits(name, _site_of(address), mark)
        if not limits.take():
            raise TooManyAttemptsError
        is_right = await to_thread.run_sync(
            is_password_of, self.store, name, password, limiter=self._verifying
        )
        if is_right:
            limits.give_back()
        return is_right

    def _limits(self, name: str, site: str, mark: str) -> _Limits:
        if 0 < len(mark) <= MAX_DEVICE_MARK_CHARS and is_device_mark(self.store, name, mark):
            return _Limits(((self._of_device, mark),))
        return _Limits(
            (
                (self._of_pair, f"{site} {name}"),
                (self._of_address, site),
                (self._of_name, name),
            )
        )


def _site_of(address: str) -> str:
    """Return what an address is counted as: an IPv6 customer has very many."""
    try:
        known = ipaddress.ip_address(address)
    except ValueError:
        return address[:MAX_NAME_CHARS]
    if known.version == 4:  # noqa: PLR2004
        return str(known)
    return str(ipaddress.ip_network((known, _IPV6_SITE_BITS), strict=False))
