"""Whether the service lives and is ready, and its metrics."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest
from pydantic import BaseModel
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import Response

from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.problems import RequestError, document_problems
from serving.http.service import Service

router = APIRouter(tags=["health"])


class Health(BaseModel):
    """That the service answers."""

    status: str = "ok"


@router.get("/healthz", summary="是否在运行 Whether it runs")
async def live() -> Health:
    """Answer, whatever else is the matter."""
    return Health()


@router.get(
    "/readyz", summary="是否可用 Whether it can analyse", responses=document_problems("not_ready")
)
def ready(request: Request) -> Health:
    """Answer 503 until a worker has the model loaded, and while the store cannot be reached."""
    service: Service = request.app.state.service
    if not service.analyses.is_ready:
        raise RequestError("模型还在载入", code="not_ready")
    try:
        with service.store.connect() as connection:
            connection.execute(text("SELECT 1"))
    except SQLAlchemyError:
        raise RequestError("数据库连不上", code="not_ready") from None
    return Health()


@router.get(
    "/metrics",
    summary="Prometheus 指标 Metrics",
    response_class=Response,
    responses={
        200: {"content": {"text/plain": {"schema": {"type": "string"}}}},
        **document_problems("no_key", "wrong_scope", "too_many_requests"),
    },
)
def show_metrics(request: Request, _: Annotated[Caller, caller_with(Scope.READ)]) -> Response:
    """Return the metrics in the text format of Prometheus."""
    service: Service = request.app.state.service
    return Response(generate_latest(service.metrics.registry), media_type=CONTENT_TYPE_LATEST)
