"""Processes for `eval.bench.kills` to kill: each works without end, and prints what it has done.

A line is printed when what it says is acknowledged: from then on it may not be lost.
"""

from __future__ import annotations

import random
from itertools import count
from pathlib import Path

from data.labelled import LabelledArticle
from model import Article, Report, Summary, Theme
from model.report import Excerpt
from serving.archive.run import run
from serving.archive.task import ArchiveTask
from serving.corrections.changes import ThemeChange
from serving.corrections.labels import Answer, clean_again
from serving.corrections.store import keep_answer, read_state, save_change
from serving.home.backup import back_up
from serving.home.database import open_store
from serving.home.restore import restore
from serving.registry.versions import Registry

N_ARTICLES = 400
_CHARS = "县乡村医院病人专家诊疗检查门诊住院手术药房护士健康慢病随访卫生培训转诊影像平台"
_N_SENTENCES = 12
_ROLL_BACK_EVERY = 3


class QuickAnalyzer:
    """Takes no time, so that most kills meet a run that is writing."""

    def analyze(self, article: Article) -> Report:
        """Return a report with one theme and the first sentence as summary."""
        first = article.sentences[0]
        score = len(set(article.text)) / 1_000
        return Report(
            article=article,
            themes=(Theme("alliance", "医共体", score, (first,)),),
            scores={"alliance": score},
            primary="alliance",
            review=(),
            figures=(),
            summary=Summary(first.of(article.text), (Excerpt(first, (first,)),)),
            warnings=article.warnings,
            model="quick",
        )


def make_text(number: int) -> str:
    """Return an article, a different one for each number."""
    dice = random.Random(number)  # noqa: S311 # no secret
    sentences = ("".join(dice.choices(_CHARS, k=16)) for _ in range(_N_SENTENCES))
    return "".join(f"{text}共{dice.randrange(100, 999)}人次。" for text in sentences)


def run_archive(rows: Path, out: Path) -> None:
    """Tag a file of articles, committing all the time."""
    names = {"alliance": "医共体"}
    task = ArchiveTask(
        (str(rows),), out, "jsonl", "quick", names, QuickAnalyzer, commit_every_s=0.01
    )
    run(task, lambda progress: print(progress.n_done, flush=True))


def write_store(path: Path) -> None:
    """Add articles and change their labels; print `document number` of each change."""
    store = open_store(f"sqlite:///{path}")
    for number in count(random.SystemRandom().randrange(1 << 40)):
        labelled = LabelledArticle("", make_text(number), "云岭日报", frozenset({"alliance"}))
        document = keep_answer(store, Answer(f"a{number}", clean_again(labelled), "quick"))
        for verdict in ("yes", "no", "yes"):
            seen = read_state(store, document).number
            change = ThemeChange("theme", "smart", verdict)
            state = save_change(store, document, seen, change, "甲")
            print(document, state.number, flush=True)


def switch_models(folder: Path) -> None:
    """Promote and roll back; print how many switches there were."""
    registry = Registry(folder)
    names = [version.name for version in registry.versions()]
    for number in count():
        if number % _ROLL_BACK_EVERY == 0 and registry.names.previous:
            after = registry.roll_back()
        else:
            current = registry.names.current
            after = registry.promote(next(name for name in names if name != current))
        print(len(after.switches), flush=True)


def add_model(folder: Path, source: Path) -> None:
    """Add a model to a registry."""
    print("ready", flush=True)
    print(Registry(folder).add(source), flush=True)


def make_backups(out: Path) -> None:
    """Back up the home folder again and again; print `done` after each."""
    while True:
        back_up(out, lambda *_: None, is_forced=True)
        print("done", flush=True)


def restore_backup(file: Path) -> None:
    """Restore a backup."""
    print("ready", flush=True)
    restore(file, lambda *_: None)
    print("done", flush=True)
