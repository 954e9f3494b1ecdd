from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from data.corpus.loader import Labelled
from data.labelled import LabelledArticle
from data.labels.user import LabelFile, hash_labels
from model import InputError
from serving.cli import models as model_commands
from serving.cli.advice import explain
from serving.registry.judging import judge_version
from serving.registry.versions import Registry
from tests.small_model import make_model
from training.packaging.label_record import LabelRecord

PLAIN = "岭南县今年栽下行道树三千棵，街道两旁都绿了。"
OURS = tuple(
    LabelledArticle(f"a{i}", f"{PLAIN}第{i}条街也有。", "corpus", frozenset()) for i in range(20)
)
# The user held these out: the one in use misses the second kind.
USERS = [f"# u{i}\n\n[talent] {PLAIN}医院第{i}次招{'才新'[i % 2]}进村。\n" for i in range(12)]
IDS = tuple(f"{letter}{i}" for letter in "au" for i in range(20))


@pytest.fixture
def registry(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setattr("serving.registry.judging.load_labelled", lambda _: Labelled(OURS, 0))
    monkeypatch.setattr("serving.registry.judging.read_gold_articles", lambda *_: [])
    shipped = make_model(tmp_path / "shipped", {"talent": "才"}, held_out=IDS)
    found = Registry(tmp_path / "models", shipped)
    monkeypatch.setattr(Registry, "at_home", lambda: found)
    return found


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.txt"
    path.write_text("\n".join(USERS), encoding="utf-8")
    return path


@pytest.fixture
def version(registry: Registry, labels: Path, tmp_path: Path) -> str:
    """A better model, as training leaves it."""
    folder = make_model(tmp_path / "new", {"talent": "才新"}, name="new", held_out=IDS)
    run = tmp_path / "new.run"
    run.mkdir()
    files = (LabelFile(str(labels), hash_labels(labels), len(USERS)),)
    LabelRecord(files, {"talent": "人才", "herb": "草药"}).save(run)
    return registry.add(folder)


def test_a_version_is_judged_by_the_labels_that_it_remembers(
    registry: Registry, version: str
) -> None:
    verdict = judge_version(registry, version)
    assert verdict.n_articles == 32
    assert {j.key: j.n_positive for j in verdict.judged}["talent.f1"] == 12
    model_commands.promote(version)
    assert registry.names.current == version


@pytest.mark.parametrize("is_gone", [True, False])
def test_labels_that_are_not_as_they_were_are_asked_for(
    registry: Registry, version: str, labels: Path, tmp_path: Path, is_gone: bool
) -> None:
    kept = shutil.copy(labels, tmp_path / "kept.txt")
    if is_gone:
        labels.unlink()
    else:
        labels.write_text("\n".join(USERS[:5]), encoding="utf-8")
    with pytest.raises(InputError, match="不在了" if is_gone else "改动过") as caught:
        model_commands.promote(version)
    assert "labels.txt" in str(caught.value)
    assert "共 12 篇" in str(caught.value)
    assert "请用 --data 给出标注文件" in explain(caught.value)
    model_commands.promote(version, data=[Path(kept)])
    assert registry.names.current == version


@pytest.mark.usefixtures("registry")
def test_a_theme_that_nobody_looked_for_counts_neither_way(labels: Path, tmp_path: Path) -> None:
    """The file names `talent` alone, so it does not say that no article is of `alliance`."""
    old, new = (
        make_model(tmp_path / name, letters, name=name, held_out=IDS)
        for name, letters in (
            ("old", {"talent": "才", "alliance": "区"}),
            ("better", {"talent": "才新", "alliance": "村"}),
        )
    )
    registry = Registry(tmp_path / "others", old)
    assert judge_version(registry, registry.add(new), [labels]).accepted


def test_the_files_are_shown_with_the_version(
    version: str, labels: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model_commands.show(version)
    assert "12 篇" in capsys.readouterr().out
    labels.unlink()
    model_commands.show(version)
    assert "不在了" in capsys.readouterr().out
