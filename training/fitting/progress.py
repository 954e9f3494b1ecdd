"""Progress of a training: a bar on the console, and a small file for other processes.

The file, `progress.json` in the run folder, has `stage` in Chinese, `done` and `total` in the
stage's own pieces, `elapsed_s` since the training began, `left_s` of the stage (null while
unknown), and `state` (`running`, `done`, `cancelled` or `failed`).
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType

from rich.console import Console
from rich.progress import Progress

from training.packaging.names import PROGRESS_NAME

EVERY_S = 0.5


class Reporter:
    """Reports the progress of a training; a context manager that also reports how it ended."""

    def __init__(self, folder: Path, console: Console) -> None:
        self._path = folder / PROGRESS_NAME
        self._console = console
        self._began = time.monotonic()
        self._written = 0.0
        self._stage: tuple[str, int, int, float | None] = ("准备", 0, 0, None)

    def __enter__(self) -> Reporter:
        self._write("running")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            self._write("cancelled")
            self._console.print("已取消：正在使用的模型没有变；再运行同一条命令会接着做")
        else:
            self._write("done" if kind is None else "failed")

    @contextmanager
    def stage(self, name: str, total: int) -> Iterator[Callable[[], None]]:
        """Show a stage; yield a function to call after each of its pieces."""
        done = 0
        began = time.monotonic()
        with Progress(console=self._console) as bars:
            bar = bars.add_task(name, total=total)

            def advance() -> None:
                nonlocal done
                done += 1
                bars.advance(bar)
                left = (time.monotonic() - began) / done * (total - done)
                self._stage = (name, done, total, round(left, 1))
                if done == total or time.monotonic() - self._written > EVERY_S:
                    self._write("running")

            self._stage = (name, 0, total, None)
            self._write("running")
            yield advance

    def _write(self, state: str) -> None:
        self._written = time.monotonic()
        stage, done, total, left = self._stage
        row = {
            "state": state, "stage": stage, "done": done, "total": total,
            "elapsed_s": round(self._written - self._began, 1), "left_s": left,
        }  # fmt: skip
        fresh = self._path.with_suffix(".new")
        fresh.write_text(json.dumps(row, ensure_ascii=False) + "\n", encoding="utf-8")
        fresh.replace(self._path)
