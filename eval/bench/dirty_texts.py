"""Dirty texts through the whole pipeline, damaged files through the readers: nothing may break.

`python -m eval.bench.dirty_texts --texts 10000 --files 2000` soils and damages the corpus's own
articles by chance and analyses each text with summaries, in processes that are killed when one
takes over ten seconds. It lists what crashed or hung, with the number that makes it again
(`--first NUMBER --texts 1 --files 1`), and ends with status 1 if anything did.
"""

from __future__ import annotations

import os
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from multiprocessing.connection import Connection
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console

from data.command import run_command
from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.readers import Problem, read_file
from data.readers.markup import read_article
from data.themes import read_themes
from eval.bench.mutations import make_file, make_text
from model import Analyzer, InputError
from model.summary import MAX_CHARS, MIN_CHARS
from serving.archive.child_process import GONE, ChildLostError, ChildProcess, begin

LIMIT_S = 10.0
SLOW_S = 2.0
_LAST_LINES = 3
_SHOWN = 20


@dataclass(frozen=True)
class Trial:
    """One text or file: `kind` is `text` or a suffix, `outcome` says what came of it."""

    kind: str
    number: int
    outcome: str
    seconds: float
    detail: str = ""

    @property
    def is_fault(self) -> bool:
        """Whether it crashed or hung."""
        return self.outcome in {"crashed", "hung"}


@dataclass
class _Prover:
    """A process that does one trial after another, and a new one where it is lost."""

    child: ChildProcess | None = field(default=None, init=False)

    def prove(self, kind: str, number: int, given: str | Path) -> Trial:
        if self.child is None:
            self.child = ChildProcess(_prove_all, Analyzer.load)
        start = time.monotonic()
        try:
            self.child.send((given, MIN_CHARS + number % (MAX_CHARS - MIN_CHARS)))
            outcome, detail = self.child.receive(LIMIT_S)
        except ChildLostError as error:
            self.close()
            outcome, detail = "hung", str(error)
        return Trial(kind, number, outcome, time.monotonic() - start, detail)

    def close(self) -> None:
        if self.child is not None:
            self.child.stop()
            self.child = None


def _prove_all(connection: Connection, load: Callable[[], Analyzer]) -> None:
    analyzer = begin(connection, load)
    try:
        while True:
            given, summary_chars = connection.recv()
            connection.send(_prove(given, summary_chars, analyzer))
    except GONE:
        os._exit(0)


def _prove(given: str | Path, summary_chars: int, analyzer: Analyzer) -> tuple[str, str]:
    """Return what came of a text or file; whatever is no planned refusal is a crash."""
    try:
        if isinstance(given, Path):
            items = list(read_file(given, given.name))
            return ("refused" if any(isinstance(i, Problem) for i in items) else "read"), ""
        report = analyzer.analyze(read_article(given, id="dirty"), summary_chars=summary_chars)
        report.to_dict()
    except InputError as error:
        return "refused", str(error)
    except Exception:  # what a study of crashes looks for
        return "crashed", "".join(traceback.format_exc().splitlines(keepends=True)[-_LAST_LINES:])
    return "analysed", ""


def try_all(
    numbers: Sequence[int], files: Sequence[int], seed: int, folder: Path
) -> Iterator[Trial]:
    """Try the dirty texts and the damaged files of some numbers.

    Args:
        numbers: of the texts.
        files: numbers of the files.
        seed: what chance begins with.
        folder: where the files are put, one at a time for each process.
    """
    keys = frozenset(theme.key for theme in read_themes())
    texts = [f"{a.title}\n{a.text}" for a in read_corpus(CORPUS_FOLDER, keys)]
    n_workers = min(2, os.cpu_count() or 1)

    def work(worker: int) -> list[Trial]:
        prover = _Prover()
        done = [
            prover.prove("text", number, make_text(texts, number, seed))
            for number in numbers[worker::n_workers]
        ]
        for number in files[worker::n_workers]:
            suffix, content = make_file(texts, number, seed)
            path = folder / f"{worker}{suffix}"
            path.write_bytes(content)
            done.append(prover.prove(suffix, number, path))
        prover.close()
        return done

    with ThreadPoolExecutor(n_workers) as pool:
        for done in pool.map(work, range(n_workers)):
            yield from done


def main(
    texts: Annotated[int, typer.Option(help="Dirty texts.", min=0)] = 1_000,
    files: Annotated[int, typer.Option(help="Damaged files.", min=0)] = 200,
    first: Annotated[int, typer.Option(help="The number to begin with.", min=0)] = 0,
    seed: Annotated[int, typer.Option(help="What chance begins with.")] = 20,
) -> None:
    """Print what came of dirty texts and damaged files; exit with 1 where any crashed or hung."""
    with TemporaryDirectory() as folder:
        numbers, of_files = range(first, first + texts), range(first, first + files)
        trials = list(try_all(numbers, of_files, seed, Path(folder)))
    _print(trials)
    if any(trial.is_fault for trial in trials):
        raise typer.Exit(1)


def _print(trials: Sequence[Trial]) -> None:
    console = Console()
    counts: Counter[Any] = Counter(
        ("texts" if trial.kind == "text" else "files", trial.outcome) for trial in trials
    )
    for (what, outcome), n in sorted(counts.items()):
        console.print(f"{what} {outcome}: {n}")
    n_slow = sum(trial.seconds > SLOW_S for trial in trials)
    slowest = max(trials, key=lambda trial: trial.seconds, default=None)
    if slowest:
        console.print(
            f"over {SLOW_S:g} s: {n_slow}; slowest {slowest.seconds:.1f} s "
            f"({slowest.kind} {slowest.number})"
        )
    for trial in [trial for trial in trials if trial.is_fault][:_SHOWN]:
        console.print(f"{trial.outcome}: {trial.kind} {trial.number}\n{trial.detail}", markup=False)


if __name__ == "__main__":
    run_command(main)
