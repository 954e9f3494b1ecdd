"""The page behind its guard: gradio mounted, and before it origins, login and sessions."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import gradio as gr
from fastapi import FastAPI, Request
from starlette.types import ASGIApp

from serving.gateway.origins import Origins
from serving.page.guard.login import USER, Login
from serving.page.guard.login_attempts import LoginAttempts
from serving.page.guard.page_sessions import MAX_SESSIONS, PageSessions, SessionOwners
from serving.page.guard.user_sessions import UserSessions


def guard_page(
    page: gr.Blocks, sessions: UserSessions, hosts: Iterable[str], **shown: Any
) -> ASGIApp:
    """Return the page as an application for a server.

    Args:
        page: the page, built.
        sessions: the users, if any.
        hosts: names under which a page without users is served, besides those of this machine.
        shown: arguments of `gradio.mount_gradio_app`: styles, scripts, limits.
    """
    page.state_session_capacity = MAX_SESSIONS
    app = gr.mount_gradio_app(
        FastAPI(openapi_url=None),
        page,
        "/",
        auth_dependency=_read_user,
        run_history=False,
        footer_links=[],
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        mcp_server=False,
        pwa=False,
        **shown,
    )

    def forget(session: str) -> None:
        page.state_holder.session_data.pop(session, None)
        page.state_holder.time_last_used.pop(session, None)

    owned = PageSessions(app, SessionOwners(forget), lambda number: number in page.blocks)
    login = Login(owned, sessions, LoginAttempts(sessions.store))
    return Origins(login, hosts, sessions.demands_login)


def _read_user(request: Request) -> str:
    """Return the name that somebody logged in with; empty on a page without users."""
    return str(request.scope.get(USER, ""))
