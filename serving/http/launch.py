"""The HTTP service from its start to its end."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine
from starlette.types import ASGIApp, Receive, Scope, Send

from model import InputError
from model.network import count_streams
from serving.analysis.analyses import LIMIT_S, MAX_LIMIT_S, Admission
from serving.codes import NO_KEYS
from serving.gateway.addresses import THIS_MACHINE, is_this_machine
from serving.gateway.server import open_socket, serve
from serving.home.database import open_store
from serving.home.keys import has_keys
from serving.http.access import Access
from serving.http.app import PATHS, guard_app
from serving.http.service import ServedModel, Service
from serving.http.tending import Tending
from serving.registry.versions import Registry

PORT = 7861
MAX_WORKERS = 8
QUEUE = 64
WAIT_S = 60.0
GRACE_S = 30
MEMORY_MB = 2048


@dataclass(frozen=True)
class ServeSettings:
    """Where the service listens, and how much it takes on.

    Attributes:
        host: the address.
        port: the port.
        model: a model folder; None for the registry's current one.
        keys: whether keys are demanded where there are any; others than this machine need them.
        hosts: host names served without keys besides those of this machine.
        workers: processes that analyse; 0 for one a core.
        queue: how many articles wait at most.
        memory_mb: what a worker may hold.
        limit_s: how long a short text may take.
        grace_s: how long requests under way may still take when the service is to end.
    """

    host: str = THIS_MACHINE
    port: int = PORT
    model: Path | None = None
    keys: bool = True
    hosts: Sequence[str] = ()
    workers: int = 0
    queue: int = QUEUE
    memory_mb: int = MEMORY_MB
    limit_s: float = LIMIT_S
    grace_s: int = GRACE_S

    def admission(self) -> Admission:
        """Return how many analyses are taken; one caller may have three quarters of the queue."""
        n_workers = self.workers or min(MAX_WORKERS, max(1, count_streams() - 1))
        of_owner = n_workers + max(1, self.queue * 3 // 4)
        return Admission(
            n_workers, of_owner, self.queue, WAIT_S, is_shared=False, memory_mb=self.memory_mb,
            slow_s=MAX_LIMIT_S,
        )  # fmt: skip


class BesidePage:
    """ASGI application: the service's own paths, and the page for all others."""

    def __init__(self, service: ASGIApp, page: ASGIApp) -> None:
        self._service = service
        self._page = page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on by the path; only the page has something to do at start and end."""
        is_own = scope["type"] == "http" and scope["path"].startswith(PATHS)
        await (self._service if is_own else self._page)(scope, receive, send)


def check_keys(settings: ServeSettings, store: Engine) -> None:
    """Refuse an address that others reach while there are no keys, or none is demanded.

    Raises:
        InputError: as said; the code is `NO_KEYS` where there are none.
    """
    if is_this_machine(settings.host):
        return
    if not settings.keys:
        raise InputError(f"在 {settings.host} 上服务，别的机器也能访问，不能用 --no-keys")
    if not has_keys(store):
        raise InputError(
            f"在 {settings.host} 上服务，别的机器也能访问，需要先设密钥",
            code=NO_KEYS, host=settings.host,
        )  # fmt: skip


def open_service(settings: ServeSettings, store: Engine) -> Service:
    """Open the service of these settings.

    Raises:
        ModelError: the model cannot be used.
    """
    access = Access(
        store, demands_key=not is_this_machine(settings.host), is_open=not settings.keys
    )
    model = ServedModel(Registry.at_home(), settings.model)
    return Service.open(store, model, access, settings.admission(), settings.limit_s)


def launch(settings: ServeSettings, make_page: Callable[[Engine], ASGIApp] | None = None) -> None:
    """Serve until the program is asked to end; requests under way are answered before.

    Args:
        settings: where and how much.
        make_page: makes the page, of the store, where it is to be served beside.

    Raises:
        InputError: the port is in use, or others reach the address and there are no keys.
        ModelError: the model cannot be used.
    """
    store = open_store()
    check_keys(settings, store)
    page = make_page(store) if make_page else None
    opened = open_socket(settings.host, settings.port)
    service = open_service(settings, store)
    tending = Tending(store, service.model)
    tending.start()
    try:
        app = guard_app(service, (settings.host, *settings.hosts))
        serve(BesidePage(app, page) if page else app, opened, lambda: None, settings.grace_s)
    finally:
        tending.close()
        service.close()
