"""Users of a page that others reach: names and hashed passwords in the store."""

from __future__ import annotations

from datetime import UTC, datetime

from argon2 import PasswordHasher
from argon2.exceptions import VerificationError
from sqlalchemy import Engine
from sqlmodel import Session, select

from model import InputError
from serving.codes import NO_SUCH_USER
from serving.home.schema import User

MIN_PASSWORD_CHARS = 8
MAX_PASSWORD_CHARS = 200
MAX_NAME_CHARS = 64
_hasher = PasswordHasher()
# Checked where there is no such user, so that the answer takes as long and gives nothing away.
_NOBODY = _hasher.hash("nobody has this password")


def add_user(store: Engine, name: str, password: str) -> bool:
    """Add a user, or give one a new password; return whether it was new.

    Raises:
        InputError: the name is empty or too long, or the password too short or too long.
    """
    name = name.strip()
    if not name:
        raise InputError("用户名不能为空")
    if len(name) > MAX_NAME_CHARS:
        raise InputError(f"用户名最多 {MAX_NAME_CHARS} 个字符")
    if not MIN_PASSWORD_CHARS <= len(password) <= MAX_PASSWORD_CHARS:
        raise InputError(f"密码应有 {MIN_PASSWORD_CHARS} 到 {MAX_PASSWORD_CHARS} 个字符")
    with Session(store) as session:
        known = session.get(User, name)
        user = known or User(name=name, password_hash="", added_at=datetime.now(UTC))
        user.password_hash = _hasher.hash(password)
        session.add(user)
        session.commit()
    return known is None


def remove_user(store: Engine, name: str) -> None:
    """Remove a user.

    Raises:
        InputError: there is none of that name.
    """
    with Session(store) as session:
        user = session.get(User, name.strip())
        if user is None:
            raise InputError(f"没有用户 {name}", code=NO_SUCH_USER, name=name)
        session.delete(user)
        session.commit()


def list_users(store: Engine) -> list[User]:
    """Return all users by name."""
    with Session(store) as session:
        return list(session.exec(select(User).order_by(User.name)))


def has_users(store: Engine) -> bool:
    """Say whether there is any user."""
    with Session(store) as session:
        return session.exec(select(User.name).limit(1)).first() is not None


def find_password_hash(store: Engine, name: str) -> str | None:
    """Return the hash of a user's password; None where there is no such user."""
    with Session(store) as session:
        return session.exec(select(User.password_hash).where(User.name == name)).first()


def is_password_of(store: Engine, name: str, password: str) -> bool:
    """Say whether the user may log in with this password."""
    with Session(store) as session:
        user = session.get(User, name.strip())
    try:
        _hasher.verify(user.password_hash if user else _NOBODY, password[:MAX_PASSWORD_CHARS])
    except VerificationError:
        return False
    return user is not None
