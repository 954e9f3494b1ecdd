"""Who calls: the key that a request presents, what it allows, and how often it may come."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cache
from typing import Annotated, Any

from fastapi import Depends, Request
from fastapi.security import HTTPBearer
from sqlalchemy import Engine

from serving.gateway.rate_limit import RateLimit
from serving.home.database import is_shared
from serving.home.keys import ApiKey, Limit, Scope, find_key, has_keys
from serving.home.shared_limit import SharedLimit
from serving.http.calls import call_of
from serving.http.problems import RETRY_AFTER_S, RequestError

KEY_OWNER = "key "  # before a key's name: whose its batches are
_bearer = HTTPBearer(
    auto_error=False, scheme_name="key", description="`yiwen keys add` 给出的密钥。A key."
)


@dataclass(frozen=True)
class Caller:
    """Who calls; `owner` is whose batches and turns are his, both empty where no key is needed."""

    name: str = ""
    owner: str = ""


@dataclass(frozen=True)
class Access:
    """Lets callers in.

    Attributes:
        store: where the keys are.
        demands_key: whether a key is needed whatever the store has.
        is_open: whether none is needed whatever the store has.
    """

    store: Engine
    demands_key: bool = False
    is_open: bool = False
    _limits: dict[Limit, RateLimit | SharedLimit] = field(default_factory=dict)

    def needs_key(self) -> bool:
        """Whether a key is needed now."""
        return not self.is_open and (self.demands_key or has_keys(self.store))

    def admit(self, request: Request, scope: Scope) -> Caller:
        """Return who calls.

        Raises:
            RequestError: there is no valid key, it lacks the scope, or it came too often.
        """
        if not self.needs_key():
            return Caller()
        key = find_key(self.store, _presented(request))
        if key is None:
            raise RequestError("请求头应有 Authorization: Bearer 密钥", code="no_key")
        call = call_of(request.scope)
        call.name, call.key_id = key.name, key.id
        if scope not in key.scopes:
            raise RequestError(f"需要的权限：{scope}", code="wrong_scope")
        self._count(key)
        return Caller(key.name, f"{KEY_OWNER}{key.name}")

    def _count(self, key: ApiKey) -> None:
        limit = self._limits.get(key.limit)
        if limit is None:
            limit = self._limits.setdefault(key.limit, self._open_limit(key.limit))
        if not limit.take(key.id):
            wait_s = max(1, math.ceil(limit.wait_s(key.id)))
            raise RequestError(
                f"每 {key.limit.within_s:.0f} 秒最多 {key.limit.most} 次",
                code="too_many_requests", **{RETRY_AFTER_S: wait_s},
            )  # fmt: skip

    def _open_limit(self, limit: Limit) -> RateLimit | SharedLimit:
        if is_shared(self.store):
            return SharedLimit(self.store, limit.most, limit.within_s)
        return RateLimit(limit.most, limit.within_s)


@cache
def caller_with(scope: Scope) -> Any:
    """Return the dependency of a route that demands a scope."""

    def admit(request: Request, _: Annotated[Any, Depends(_bearer)]) -> Caller:
        access: Access = request.app.state.service.access
        return access.admit(request, scope)

    return Depends(admit)


def _presented(request: Request) -> str:
    scheme, _, presented = request.headers.get("authorization", "").partition(" ")
    return presented.strip() if scheme.lower() == "bearer" else ""
