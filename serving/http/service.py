"""`Service`: what all routes share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from anyio import CapacityLimiter
from sqlalchemy import Engine

from model.manifest import Manifest
from serving.analysis.analyses import LIMIT_S, Admission, Analyses
from serving.atlas.collecting import LibraryAtlas
from serving.home.audit import AuditLog
from serving.home.database import is_shared
from serving.http.access import Access
from serving.http.batch_store import BatchStore, open_batches
from serving.http.calls import Metrics
from serving.http.replies import Replies
from serving.http.served_model import ServedModel
from serving.http.shared_replies import SharedReplies

__all__ = ["ServedModel", "Service"]

# Threads in which analyses wait; those beyond the queue are refused at once.
_MAX_THREADS = 256


@dataclass(frozen=True)
class Service:
    """Store, model, analyses and who may use them."""

    store: Engine
    model: ServedModel
    analyses: Analyses
    access: Access
    metrics: Metrics
    audit: AuditLog
    replies: Replies | SharedReplies = field(default_factory=Replies)
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(_MAX_THREADS))

    @classmethod
    def open(
        cls,
        store: Engine,
        model: ServedModel,
        access: Access,
        admission: Admission,
        limit_s: float = LIMIT_S,
    ) -> Service:
        """Open the service; its workers load the model in the background.

        Raises:
            ModelError: the model cannot be used.
        """
        Manifest.load(model.folder)
        analyses = Analyses(lambda: model.folder, admission, limit_s)
        analyses.warm()
        replies = SharedReplies(store) if is_shared(store) else Replies()
        return cls(store, model, analyses, access, Metrics(analyses), AuditLog(store), replies)

    @property
    def batches(self) -> BatchStore:
        """Where batches are, and what does them."""
        return open_batches(self.store, self.model)

    @cached_property
    def atlas(self) -> LibraryAtlas:
        """The atlas of the library."""
        return LibraryAtlas(self.store)

    def close(self) -> None:
        """Stop the workers, and write what is left of the audit log."""
        self.analyses.close()
        self.audit.close()
