"""Sessions of users who logged in, in memory: a new password or a removed user ends them."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from secrets import token_urlsafe
from threading import Lock
from time import monotonic

from sqlalchemy import Engine

from serving.home.users import find_password_hash, has_users

SESSION_S = 12 * 3600.0
MAX_SESSIONS_A_USER = 20


@dataclass(frozen=True)
class _Session:
    user: str
    password_hash: str
    began: float


class UserSessions:
    """Who is logged in, by the secret in the cookie.

    Args:
        store: the users.
        login: False on a page that asks nobody to log in although there are users.
    """

    def __init__(self, store: Engine, *, login: bool = True) -> None:
        self.store = store
        self._login = login
        self._sessions: OrderedDict[str, _Session] = OrderedDict()
        self._lock = Lock()

    def demands_login(self) -> bool:
        """Whether somebody must log in to see the page: as soon as there are users."""
        return self._login and has_users(self.store)

    def begin(self, user: str) -> str:
        """Begin a session of a user whose password was right; return its secret."""
        secret = token_urlsafe(32)
        password_hash = find_password_hash(self.store, user) or ""
        with self._lock:
            self._sessions[_key(secret)] = _Session(user, password_hash, monotonic())
            own = [key for key, session in self._sessions.items() if session.user == user]
            for key in own[:-MAX_SESSIONS_A_USER]:
                del self._sessions[key]
        return secret

    def find_user(self, secret: str) -> str | None:
        """Return whose session it is; None for one that is over or never was."""
        key = _key(secret)
        with self._lock:
            session = self._sessions.get(key)
        if session is None:
            return None
        is_over = session.began < monotonic() - SESSION_S
        if is_over or find_password_hash(self.store, session.user) != session.password_hash:
            self.end(secret)
            return None
        return session.user

    def end(self, secret: str) -> None:
        """End a session; the user's others go on."""
        with self._lock:
            self._sessions.pop(_key(secret), None)


def make_device_mark(store: Engine, user: str) -> str:
    """Return what a browser keeps to show that this user logged in on it before.

    It is signed with the hash of the password, so that a new password makes it void.
    """
    nonce = token_urlsafe(12)
    return f"{nonce}.{_sign(find_password_hash(store, user) or '', nonce)}"


def is_device_mark(store: Engine, user: str, mark: str) -> bool:
    """Say whether this user logged in on the browser that shows the mark."""
    nonce, _, signature = mark.partition(".")
    password_hash = find_password_hash(store, user)
    if not password_hash:
        return False
    return hmac.compare_digest(_sign(password_hash, nonce).encode(), signature.encode())


def _sign(password_hash: str, nonce: str) -> str:
    return hmac.new(password_hash.encode(), nonce.encode(), sha256).hexdigest()


def _key(secret: str) -> str:
    """Return what a secret is found by; a lookup takes no time that tells of it."""
    return sha256(secret.encode()).hexdigest()
