"""The OpenAPI document's page, which loads nothing from outside."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

PATH, ASSETS = "/docs", "/docs/assets"


def serve_docs(app: FastAPI) -> None:
    """Add the page and its assets, which are those of the package `fastapi_offline`."""
    app.mount(ASSETS, StaticFiles(directory=str(files("fastapi_offline") / "static")), "assets")
    page = get_swagger_ui_html(
        openapi_url="openapi.json",
        title=app.title,
        swagger_js_url="docs/assets/swagger-ui-bundle.js",
        swagger_css_url="docs/assets/swagger-ui.css",
        swagger_favicon_url="docs/assets/favicon.png",
    )

    @app.get(PATH, include_in_schema=False)
    async def show() -> HTMLResponse:
        return page
