"""Processes that are killed for good (SIGKILL) while they make or change models."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.corpus.annotated import read_corpus
from data.corpus.loader import CORPUS_FOLDER
from data.themes import read_themes
from model.manifest import Manifest
from serving.registry.versions import SHIPPED, Registry
from tests.small_model import make_model
from training.fitting.progress import PROGRESS_NAME
from training.packaging.run_folder import RunFolder

YIWEN = [sys.executable, "-c", "from serving.cli.main import main; main()"]
SWITCH = """
import sys
from itertools import count
from pathlib import Path
from serving.registry.versions import Registry

registry = Registry(Path(sys.argv[1]), Path(sys.argv[2]))
names = [registry.add(Path(folder)) for folder in sys.argv[3:]]
print("ready", flush=True)
for n in count():
    if n % 3 == 2:
        registry.roll_back()
    else:
        target = next(name for name in names if name != registry.names.current)
        registry.promote(target)
"""
N_SWITCH_KILLS = 10
LONGEST_START_S = 120.0


def kill_after(process: subprocess.Popen[str], seconds: float) -> bool:
    """Kill a process; return whether it was still at work."""
    time.sleep(seconds)
    process.kill()
    return process.wait() == -signal.SIGKILL


def wait_for_stage(path: Path, stage: str, n_done: int) -> None:
    """Wait until a training tells that it is so far; what one before it told is deleted."""
    path.unlink(missing_ok=True)
    deadline = time.monotonic() + LONGEST_START_S
    while True:
        assert time.monotonic() < deadline
        if path.exists():
            told = json.loads(path.read_text(encoding="utf-8"))
            if told["stage"] == stage and told["done"] >= n_done:
                return
        time.sleep(0.01)


def test_a_kill_while_models_are_switched_leaves_a_whole_one_in_use(tmp_path: Path) -> None:
    shipped = make_model(tmp_path / "shipped", {"alliance": "共"}, name="shipped")
    others = [make_model(tmp_path / name, {"alliance": name}, name=name) for name in ("甲", "乙")]
    dice = random.Random(1)
    used = set()
    for _ in range(N_SWITCH_KILLS):
        command = [sys.executable, "-c", SWITCH, tmp_path / "models", shipped, *others]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            assert kill_after(process, dice.uniform(0, 0.2))
        registry = Registry(tmp_path / "models", shipped)
        registry.verify("current")
        assert all(version.problem == "" for version in registry.versions())
        used.add(registry.names.current)
    assert len(used) > 1


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    keys = frozenset(theme.key for theme in read_themes())
    articles = [a for a in read_corpus(CORPUS_FOLDER, keys) if len(a.text) < 600][:24]
    path = tmp_path / "labels.jsonl"
    rows = ({"id": f"u{i}", "text": f"本报讯 {a.text}", "themes": sorted(a.themes)}
            for i, a in enumerate(articles))  # fmt: skip
    path.write_text("\n".join(json.dumps(row) for row in rows), encoding="utf-8")
    return path


def test_a_kill_while_a_model_is_trained_leaves_the_one_in_use_and_it_goes_on(
    tmp_path: Path, labels: Path
) -> None:
    settings = tmp_path / "settings.toml"
    settings.write_text("replay_articles = 10\nfolds = 2\nthreads = 1\n")
    out = tmp_path / "made" / "model"
    home = tmp_path / "home"
    environment = os.environ | {"HOME": str(tmp_path), "YIWEN_HOME": str(home), "YIWEN_TEXTS": ""}
    command = [*YIWEN, "train", "--data", labels, "--out", out, "--settings", settings]
    n_read = random.Random(2).randint(1, 30)
    for stage, n_done in (("阅读文章", n_read), ("训练各主题", 0)):
        process = subprocess.Popen(command, env=environment, text=True, stderr=subprocess.DEVNULL)
        wait_for_stage(RunFolder.beside(out).path / PROGRESS_NAME, stage, n_done)
        assert kill_after(process, 0)
        assert Registry(home / "models").names.current == SHIPPED
        assert not out.exists()
    subprocess.run(command, env=environment, check=True, stderr=subprocess.DEVNULL)
    assert [theme.key for theme in Manifest.load(out).themes][:1] == ["prevention"]
    assert not [p.name for p in out.parent.iterdir() if p.name.startswith(".")]
