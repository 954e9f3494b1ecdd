"""`GET /v1/models`: the versions of the model, and which is in use."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import BaseModel

from serving.home.keys import Scope
from serving.http.access import Caller, caller_with
from serving.http.problems import document_problems
from serving.http.served_model import ServedModel
from serving.http.service import Service
from serving.registry.versions import Version

router = APIRouter(tags=["models"])


class ThemeName(BaseModel):
    """A theme of a model."""

    theme: str
    name: str


class ModelVersion(BaseModel):
    """A version; `model` is what reports say, `mean_f1` that of its held-out articles if known."""

    name: str
    model: str | None
    in_use: bool
    themes: list[ThemeName]
    mean_f1: float | None
    is_usable: bool


class ModelList(BaseModel):
    """All versions of the registry, that of Yiwen first."""

    models: list[ModelVersion]


@router.get(
    "/v1/models",
    summary="模型的版本 Versions of the model",
    responses=document_problems("no_key", "wrong_scope", "too_many_requests", "model_unusable"),
)
def list_models(request: Request, _: Annotated[Caller, caller_with(Scope.READ)]) -> ModelList:
    """List the versions."""
    service: Service = request.app.state.service
    return describe_models(service.model)


def describe_models(model: ServedModel) -> ModelList:
    """Return the versions of the registry; a model from elsewhere is none of them."""
    folder = model.folder
    versions = model.registry.versions()
    if folder not in {version.folder for version in versions}:
        versions.insert(0, Version(model.manifest.version, folder, model.manifest))
    return ModelList(models=[_describe(v, in_use=v.folder == folder) for v in versions])


def _describe(version: Version, *, in_use: bool) -> ModelVersion:
    manifest = version.manifest
    themes = manifest.theme_names if manifest else {}
    return ModelVersion(
        name=version.name, model=manifest.version if manifest else None, in_use=in_use,
        themes=[ThemeName(theme=key, name=name) for key, name in themes.items()],
        mean_f1=float(version.mean_f1) if version.mean_f1 else None,
        is_usable=manifest is not None,
    )  # fmt: skip
