"""`--engine ray`: reading and analysis on all machines of a Ray cluster, through Ray Data.

A task reads a file, from storage that every machine sees under the same path; actors, each with
a model of its own, analyse the articles. They come back in input order to the run, which finds
reposts, keeps the ledger and writes the output as it does on one machine: the same bytes.

What Ray cannot do: an article whose analysis hangs or kills its process stops the run
instead of being set aside. The same command without Ray goes on from there and sets it aside.
"""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable, Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from data.readers import Problem
from model import InputError, YiwenError
from serving.archive.analysis_queue import ArticleAnalyzer, analyse, limit_of
from serving.archive.feed.events import FeedEvent, FeedItem, FileEnd
from serving.archive.feed.file_reader import FileReader, read_events
from serving.archive.feed.sources import Source
from serving.archive.reposts import sign
from serving.archive.task import ArchiveTask
from serving.codes import RAY_MISSING, RAY_WORKER_LOST

_BLOCK_BYTES = 1 << 20  # some hundred articles: small enough to keep every worker busy
_BATCH_ROWS = 16
_MAX_BLOCKS = 1_000
# Reading takes a few hundredths of the time that analysis takes: every core gets an analyzer, and
# this many analyzers share a reader.
_WORKERS_PER_READER = 8
_EVENT = "event"


def connect() -> None:
    """Connect to the cluster that RAY_ADDRESS names, or start Ray on this machine.

    Raises:
        InputError: Ray is missing.
    """
    try:
        import ray
    except ImportError:
        raise InputError(
            '没有安装 Ray；请先运行 pip install "ray[data]"', code=RAY_MISSING
        ) from None
    if not ray.is_initialized():
        ray.init(log_to_driver=False, include_dashboard=False)


@dataclass(frozen=True)
class RayFeed:
    """A feed that makes the report of each article where it reads it.

    Attributes:
        load: makes an analyzer, once in each worker.
        sources: the files, in order.
        limit_s: seconds for an article to be read.
        reader: reads one file.
    """

    load: Callable[[], ArticleAnalyzer]
    sources: Sequence[Source]
    limit_s: float
    reader: FileReader

    def read(self, first: int, n_known: int) -> Generator[FeedEvent, None, None]:
        """Read from the file of this number on.

        Args:
            first: number of the first file.
            n_known: so many articles of it come without a report, since they were read before.

        Raises:
            InputError: standard input is to be read.
            YiwenError: a worker is gone.
        """
        import ray

        if any(source.is_stdin for source in self.sources):
            raise InputError("Ray 集群不能读标准输入，请给出文件")
        _settle(ray.data.DataContext.get_current())
        rows = [
            {"number": number, "n_known": n_known if number == first else 0}
            for number in range(first, len(self.sources))
        ]
        if not rows:
            return
        read = partial(
            _read, sources=tuple(self.sources), limit_s=self.limit_s, reader=self.reader,
            folder=Path.cwd(),
        )  # fmt: skip
        resources: Any = ray.cluster_resources  # untyped in Ray
        n_workers = max(1, int(resources().get("CPU", 1)))
        files = ray.data.from_items(rows, override_num_blocks=min(len(rows), _MAX_BLOCKS))
        events = files.map_batches(
            read, batch_size=1, batch_format="pyarrow", num_cpus=0,
            compute=ray.data.TaskPoolStrategy(size=1 + n_workers // _WORKERS_PER_READER),
        )  # fmt: skip
        analysed = events.map_batches(
            _AnalysingActor, batch_size=_BATCH_ROWS, batch_format="pyarrow",
            compute=ray.data.ActorPoolStrategy(size=n_workers), num_cpus=1,
            fn_constructor_args=(self.load, self.limit_s),
            max_restarts=0, max_task_retries=0,  # an article that kills its worker would for ever
        )  # fmt: skip
        try:
            for table in analysed.iter_batches(batch_size=None, batch_format="pyarrow"):
                for event in table[_EVENT]:
                    yield pickle.loads(event.as_py())  # noqa: S301 # what our own worker wrote
        except ray.exceptions.RayError as error:
            raise YiwenError(
                "Ray 集群上有工作进程中断（可能是某篇文章所致，或机器掉线、内存不足）。"
                "做完的都已记下",
                code=RAY_WORKER_LOST,
            ) from error


def open_ray_feed(task: ArchiveTask, sources: Sequence[Source]) -> RayFeed:
    """Return a task's feed on the cluster that is connected."""
    return RayFeed(task.load, sources, task.limit_s, task.read)


def _settle(context: Any) -> None:
    context.execution_options.preserve_order = True
    context.target_max_block_size = _BLOCK_BYTES
    context.enable_progress_bars = False


def _read(
    rows: Any, *, sources: tuple[Source, ...], limit_s: float, reader: FileReader, folder: Path
) -> Generator[Any, None, None]:
    """Yield what one file gives, an event a row; paths are relative to `folder`."""
    os.chdir(folder)
    (row,) = rows.to_pylist()
    number, n_known = row["number"], row["n_known"]
    for event in read_events(sources[number], number, limit_s, reader):
        if isinstance(event, FeedItem) and n_known > 0:
            n_known -= 1
            yield _pack([replace(event, is_known=True)])
        else:
            yield _pack([event])


class _AnalysingActor:
    """A worker with a model of its own."""

    def __init__(self, load: Callable[[], ArticleAnalyzer], limit_s: float) -> None:
        self._analyzer = load()
        self._limit_s = limit_s
        self._thread = ThreadPoolExecutor(1)

    def __call__(self, table: Any) -> Any:
        events = [pickle.loads(event.as_py()) for event in table[_EVENT]]  # noqa: S301
        return _pack([self._answer(event) for event in events])

    def _answer(self, event: FeedEvent) -> FeedEvent:
        if isinstance(event, FileEnd) or isinstance(event.item, Problem) or event.is_known:
            return event
        answer = self._thread.submit(analyse, event.item, self._analyzer)
        try:
            report = answer.result(limit_of(event.item, self._limit_s))
        except TimeoutError:
            os._exit(1)  # nothing else stops what hangs
        return FeedItem(event.item, sign(event.item.text), report)


def _pack(events: Sequence[FeedEvent]) -> Any:
    import pyarrow as pa

    return pa.table({_EVENT: pa.array([pickle.dumps(event) for event in events], pa.binary())})
