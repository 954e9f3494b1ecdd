"""`ArchiveRequest`: what a person asks of a run, as the ledger notes it and a resumption reads it.

The command line and the worker of batch jobs make one, and have it done by `run_request`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from data.readers import STDIN
from model import InputError
from model.validation import validate
from serving.archive.ledger.ledger import LedgerError
from serving.archive.options import TIME_LIMIT_S, Engine
from serving.archive.run import Outcome, Progress, run
from serving.archive.task import ArchiveTask, make_task
from serving.codes import LEDGER_DAMAGED


@dataclass(frozen=True)
class ArchiveRequest:
    """Inputs, output and options of a run; paths are relative to the working folder."""

    inputs: tuple[str, ...]
    out: Path
    model: Path
    format: str = "jsonl"
    limit_s: float = TIME_LIMIT_S
    summary_chars: int | None = None
    rewriter: Path | None = None
    engine: Engine = Engine.LOCAL
    retry_failed: bool = False
    appends: bool = False

    def note(self) -> dict[str, Any]:
        """Return what the ledger keeps of the request, begun now in the working folder."""
        return {
            "inputs": self.inputs, "folder": str(Path.cwd()), "format": self.format,
            "limit_s": self.limit_s, "summary_chars": self.summary_chars,
            "rewriter": self.rewriter and str(self.rewriter.resolve()),
            "engine": self.engine.value, "model": str(self.model.resolve()),
            "appends": self.appends,
            "started": datetime.now().isoformat(" ", "seconds"),
        }  # fmt: skip

    @classmethod
    def from_note(cls, note: dict[str, Any], out: Path) -> ArchiveRequest:
        """Return the request that `note` describes; it holds in the folder `note["folder"]`.

        Raises:
            InputError: it read standard input, which is gone.
            LedgerError: the note lacks something, so the ledger is damaged.
        """
        if STDIN in (inputs if isinstance(inputs := note.get("inputs"), list) else ()):
            raise InputError("这次运行读的是标准输入，请重新运行原来的命令；做过的不会重做")
        try:
            validate(_Noted, {name: note[name] for name in _NOTED if name in note})
            return cls(
                tuple(note["inputs"]), out, Path(note["model"]), note["format"], note["limit_s"],
                note["summary_chars"], Path(note["rewriter"]) if note.get("rewriter") else None,
                Engine(note.get("engine", Engine.LOCAL)), appends=note.get("appends", False),
            )  # fmt: skip
        except ValueError as error:
            raise LedgerError(
                f"{out} 的账本已损坏（{error!s:.120}）", code=LEDGER_DAMAGED, out=str(out)
            ) from None


@dataclass(frozen=True)
class _Noted:
    """What `from_note` reads of a note; a release wrote it, so some of it may be missing."""

    inputs: tuple[str, ...]
    folder: str
    format: str
    limit_s: float
    summary_chars: int | None
    model: str
    rewriter: str | None = None
    engine: str = Engine.LOCAL.value
    appends: bool = False


_NOTED = tuple(field.name for field in fields(_Noted))


def run_request(request: ArchiveRequest, show: Callable[[Progress], None]) -> Outcome:
    """Do what is asked, or what is left of it.

    Args:
        request: what to do.
        show: is called after each article with how far the run is.

    Raises:
        ModelError: the folder is no model.
        InputError: the rewriter's folder is none, or Ray is missing.
        LedgerError: the output is in use or cannot be written.
    """
    return run(_to_task(request), show, request.note())


def _to_task(request: ArchiveRequest) -> ArchiveTask:
    task = make_task(
        request.inputs, request.out, request.format, request.model,
        request.summary_chars, request.rewriter,
        limit_s=request.limit_s, retry_failed=request.retry_failed, appends=request.appends,
        streams=1 if request.engine is Engine.RAY else 0,  # each of its workers has a core
    )  # fmt: skip
    if request.engine is not Engine.RAY:
        return task
    from serving.archive.feed.ray import connect, open_ray_feed

    connect()
    return replace(task, open_feed=open_ray_feed)
