"""Analyses in processes beside the page or service: a text that hangs one is given up alone."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Condition, Thread
from typing import TypeVar

from model import Article, InputError, Report, YiwenError
from model.network import count_streams
from serving.analysis.worker import Analysis, Answer, ModelLoader, Task, serve_tasks
from serving.archive.child_process import ChildLostError, ChildProcess, ChildTimeoutError
from serving.codes import ANALYSIS_LOST, ANALYSIS_TIMEOUT, BUSY

MAX_WORKERS = 2  # a worker with its model takes some 150 MB
MAX_OF_OWNER = 4  # analyses of one person that run or wait
LIMIT_S = 8.0
SLOW_S = 2.0
MAX_LIMIT_S = 60.0
_CHARS_PER_LIMIT = 10_000  # a long text gets the limit once more for so many characters
Wanted = TypeVar("Wanted", Analysis, Article, bytes)


class BusyError(InputError):
    """Too much is under way to take one more now; later it may be taken."""


@dataclass(frozen=True)
class Admission:
    """How many analyses are taken at a time.

    Attributes:
        n_workers: processes at most; 0 for one a core, two at most.
        of_owner: analyses of one person that run or wait.
        waiting: analyses that wait, of all together; None for any number.
        wait_s: how long one waits at most for its turn; None for ever.
        is_shared: whether one person leaves a worker to others where there are several.
        memory_mb: what a worker may hold; None for any amount.
        slow_s: from then on an analysis lets others go first on the processor.
    """

    n_workers: int = 0
    of_owner: int = MAX_OF_OWNER
    waiting: int | None = None
    wait_s: float | None = None
    is_shared: bool = True
    memory_mb: int | None = None
    slow_s: float = SLOW_S


@dataclass
class _Worker:
    """A place for a process; there is none before the first task and after a text hung it."""

    child: ChildProcess | None = None
    folder: Path | None = None

    def prepare(self, folder: Path, threads: int, memory_mb: int | None = None) -> ChildProcess:
        """Return a process that has a model loaded, a new one where it has another.

        Raises:
            ChildStartError: the model cannot be loaded.
        """
        if self.child is None or self.folder != folder:
            self.stop()
            self.child = ChildProcess(serve_tasks, ModelLoader(folder, threads), memory_mb)
            self.folder = folder
        return self.child

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop()
            self.child = None


class Analyses:
    """Hands tasks to worker processes, and takes care that no one person keeps them all.

    Args:
        find_model: gives the folder of the model in use by then; a worker that has another one
            loaded is replaced before its next task.
        admission: how many at a time.
        limit_s: how long a short text may take.
    """

    def __init__(
        self,
        find_model: Callable[[], Path],
        admission: Admission = Admission(),
        limit_s: float = LIMIT_S,
    ) -> None:
        n_workers = admission.n_workers or min(MAX_WORKERS, max(1, count_streams() - 1))
        self._find_model = find_model
        self._limit_s = limit_s
        self._admission = admission
        self._threads = 1 if n_workers > 1 else 0
        self._share = max(1, n_workers - 1) if admission.is_shared else n_workers
        self._free = [_Worker() for _ in range(n_workers)]
        self._running: Counter[str] = Counter()
        self._waiting: deque[tuple[str, object]] = deque()
        self._changed = Condition()
        self._is_closed = False

    @property
    def n_waiting(self) -> int:
        """How many analyses wait for a worker."""
        return len(self._waiting)

    @property
    def n_running(self) -> int:
        """How many analyses run."""
        return self._running.total()

    @property
    def is_ready(self) -> bool:
        """Whether a worker is loaded, or works."""
        with self._changed:
            is_loaded = any(worker.child is not None for worker in self._free)
            return is_loaded or bool(self._running.total())

    def analyze(self, owner: str, task: Task) -> Analysis:
        """Analyse a text or an article.

        Args:
            owner: who asks.
            task: one that is to be analysed.

        Raises:
            InputError: it is no article or took too long.
            BusyError: too many are under way, of this owner or of all.
        """
        return self._ask(owner, task, Analysis)

    def read(self, owner: str, text: str) -> Article:
        """Read a pasted text; arguments and errors as in `analyze`."""
        return self._ask(owner, Task(text, is_read_only=True), Article)

    def report_json(self, owner: str, task: Task) -> bytes:
        """Return the report of a task with `as_json`; arguments and errors as in `analyze`."""
        return self._ask(owner, task, bytes)

    def warm(self) -> None:
        """Have the workers loaded in the background before the first task comes."""
        with self._changed:
            cold, self._free = self._free, []

        def renew_all() -> None:
            for worker in cold:
                self._renew(worker)

        Thread(target=renew_all, daemon=True).start()

    def close(self) -> None:
        """Stop the processes."""
        with self._changed:
            self._is_closed = True
            free, self._free = self._free, []
        for worker in free:
            worker.stop()

    def _ask(self, owner: str, task: Task, wanted: type[Wanted]) -> Wanted:
        limit_s = min(MAX_LIMIT_S, self._limit_s * (1 + task.n_chars / _CHARS_PER_LIMIT))
        with self._turn(owner) as worker:
            answer = self._answer(worker, task, limit_s)
        if isinstance(answer, wanted):
            return answer
        raise answer if isinstance(answer, YiwenError) else TypeError(type(answer).__name__)

    def _answer(self, worker: _Worker, task: Task, limit_s: float) -> Answer:
        child = self._prepare(worker)
        try:
            child.send(task)
            slow_s = min(self._admission.slow_s, limit_s)
            is_slow = not child.has_message(slow_s)
            if is_slow:
                child.lower_priority()
            answer: Answer = child.receive(limit_s - slow_s)
        except ChildTimeoutError:
            worker.stop()
            return InputError(
                f"分析了 {limit_s:.0f} 秒还没完，已停止。"
                "请检查文章里是否混入了大段无关字符，或分成几篇再试",
                code=ANALYSIS_TIMEOUT,
                limit_s=limit_s,
            )
        except ChildLostError:
            worker.stop()
            return InputError(
                "分析这篇文章的进程意外退出（可能是内存不足）。请分成几篇再试", code=ANALYSIS_LOST
            )
        if is_slow:
            worker.stop()  # its priority cannot be raised again
        return answer

    @contextmanager
    def _turn(self, owner: str) -> Iterator[_Worker]:
        """Wait for a worker; afterwards the next may have it.

        Raises:
            BusyError: too many wait, or it waited too long.
        """
        worker = self._take(owner)
        try:
            yield worker
        finally:
            with self._changed:
                self._running[owner] -= 1
                self._running += Counter()  # drops owners who have none
                self._changed.notify_all()
            if worker.child is None:
                Thread(target=self._renew, args=(worker,), daemon=True).start()
            else:
                self._give_back(worker)

    def _take(self, owner: str) -> _Worker:
        ticket = (owner, object())
        with self._changed:
            self._admit(owner)
            self._waiting.append(ticket)
            try:
                if not self._changed.wait_for(
                    lambda: self._is_turn_of(ticket), self._admission.wait_s
                ):
                    raise BusyError("服务繁忙，排队超时，请稍后再试", code=BUSY)
                self._running[owner] += 1
                return self._free.pop()
            finally:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _admit(self, owner: str) -> None:
        """Check that one more may wait.

        Raises:
            BusyError: too many do.
        """
        n_own = self._running[owner] + sum(waiting == owner for waiting, _ in self._waiting)
        most = self._admission.of_owner
        if n_own >= most:
            raise BusyError(f"您已有 {most} 篇在分析，请等它们完成；成批文章请用“批量”", code=BUSY)
        if self._admission.waiting is not None and len(self._waiting) >= self._admission.waiting:
            raise BusyError("服务繁忙，排队的文章已满，请稍后再试", code=BUSY)

    def _is_turn_of(self, ticket: tuple[str, object]) -> bool:
        """Whether there is a worker, and nobody who has a better claim.

        Those come first who have the fewest running, and among them who came first.
        """
        allowed = [other for other in self._waiting if self._running[other[0]] < self._share]
        first = min(allowed, key=lambda other: self._running[other[0]], default=None)
        return bool(self._free) and first is ticket

    def _prepare(self, worker: _Worker) -> ChildProcess:
        return worker.prepare(self._find_model(), self._threads, self._admission.memory_mb)

    def _renew(self, worker: _Worker) -> None:
        """Load a process anew; while that goes on, the others serve who comes."""
        try:
            self._prepare(worker)
        except YiwenError:
            worker.stop()  # the next task finds out why
        self._give_back(worker)

    def _give_back(self, worker: _Worker) -> None:
        with self._changed:
            if self._is_closed:
                worker.stop()
                return
            self._free.append(worker)
            self._changed.notify_all()


@dataclass(frozen=True)
class OwnAnalyses:
    """The analyses of one person, as an analyzer of articles."""

    analyses: Analyses
    owner: str

    def analyze(self, article: Article) -> Report:
        """Analyse an article; errors as in `Analyses.analyze`."""
        return self.analyses.analyze(self.owner, Task(article)).report

    def read(self, text: str) -> Article:
        """Read a pasted text; errors as in `Analyses.read`."""
        return self.analyses.read(self.owner, text)
