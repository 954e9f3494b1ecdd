from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count
from pathlib import Path
from threading import Event
from unittest.mock import Mock

import pytest

from model import Article, InputError, ModelError
from model.manifest import MANIFEST_NAME, Manifest
from serving.cli import models as model_commands
from serving.cli.advice import explain
from serving.registry.in_use import ModelInUse
from serving.registry.versions import SHIPPED, Registry
from tests.small_model import make_model

TEXT = "岭南县组建了一个紧密型医共体，派驻医师八十三名。"


class KilledError(Exception):
    """Stands for a power cut."""


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    shipped = make_model(tmp_path / "shipped", {"alliance": "共"}, name="shipped")
    return Registry(tmp_path / "models", shipped)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    folder = make_model(
        tmp_path / "work" / "other", {"alliance": "共", "smart": "智"}, name="other"
    )
    record = tmp_path / "work" / "other.run"
    record.mkdir()
    (record / "settings.json").write_text("{}")
    (record / "checkpoint.pt").write_text("large")
    return folder


def test_add_promote_and_roll_back(registry: Registry, other: Path) -> None:
    assert registry.names.current == SHIPPED
    name = registry.add(other)
    assert name == Manifest.load(other).version == registry.add(other)
    assert [version.name for version in registry.versions()] == [SHIPPED, name]
    assert [p.name for p in registry.versions()[1].run.iterdir()] == ["settings.json"]
    with pytest.raises(InputError, match="还没有换过模型"):
        registry.roll_back()
    assert registry.names.current == SHIPPED
    registry.promote(name, why="新主题", by="王", verdict={"accepted": True})
    with pytest.raises(InputError, match="已经在使用"):
        registry.promote(name)
    assert registry.find("current") == registry.folder / name
    assert registry.find("previous") == registry.shipped
    names = registry.roll_back()
    assert (names.current, names.previous) == (SHIPPED, name)
    assert registry.names == names
    assert [(s.version, s.why) for s in names.switches] == [(name, "新主题"), (SHIPPED, "退回")]


def test_what_stands_for_a_version_is_never_entered_as_its_name(
    registry: Registry, other: Path
) -> None:
    name = registry.add(other)
    with pytest.raises(InputError, match="没有模型 （空）"):
        registry.promote("previous")
    registry.promote(name)
    with pytest.raises(InputError, match=f"{name} 已经在使用"):
        registry.promote("current")
    names = registry.promote("previous")
    assert (names.current, names.previous) == (SHIPPED, name)
    assert registry.verify("current").name == "shipped"


def test_the_version_that_is_judged_is_the_one_put_to_use(
    registry: Registry, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = Mock(side_effect=InputError("文章太少"))
    monkeypatch.setattr("serving.registry.judging.judge_version", judged)
    monkeypatch.setattr(Registry, "at_home", lambda: registry)
    registry.promote(registry.add(other))
    model_commands.promote("previous", why="试")
    judged.assert_called_once_with(registry, SHIPPED, ())
    assert registry.names.current == SHIPPED


def test_the_folder_that_one_is_in_is_added_with_its_record(
    registry: Registry, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(other)
    name = registry.add(Path())
    assert registry.verify(name).name == "other"
    assert [p.name for p in registry.versions()[1].run.iterdir()] == ["settings.json"]


def test_a_kill_at_any_step_leaves_the_model_in_use(
    registry: Registry, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every call that touches the disk dies once, after or before it did its work."""
    third = make_model(other.with_name("third"), {"alliance": "县"}, name="third")
    first = registry.add(third)
    registry.promote(first)
    before = registry.names
    steps = [
        (shutil, "copyfile"), (shutil, "copytree"), (shutil, "rmtree"), (Path, "rename"),
        (Path, "replace"), (Path, "mkdir"), (Path, "chmod"),
    ]  # fmt: skip
    n_killed = 0
    for owner, call in steps:
        for nth in count(1):
            with monkeypatch.context() as patch:
                calls = _die_at(patch, owner, call, nth)
                try:
                    registry.promote(registry.add(other))
                except KilledError:
                    n_killed += 1
            assert registry.verify("current").version == registry.names.current
            if len(calls) < nth:  # it took fewer calls and went through
                registry.roll_back()
                shutil.rmtree(registry.find("previous"))
                (registry.folder / "names.json").write_text(_dump(before))
                break
            assert registry.names == before
            assert all(v.problem == "" for v in registry.versions())
    assert n_killed > 8


def _dump(names: object) -> str:
    return json.dumps(names, default=vars)


def _die_at(patch: pytest.MonkeyPatch, owner: object, call: str, nth: int) -> list[None]:
    calls: list[None] = []
    true: Callable[..., object] = getattr(owner, call)

    def die(*given: object, **named: object) -> object:
        calls.append(None)
        if len(calls) == nth:
            raise KilledError
        return true(*given, **named)

    patch.setattr(owner, call, die)
    return calls


def test_a_flipped_byte_is_refused(registry: Registry, other: Path) -> None:
    damaged = shutil.copytree(other, other.with_name("damaged"))
    flip(damaged / "encoder.onnx")
    with pytest.raises(ModelError, match="与清单不符"):
        registry.add(damaged)
    name = registry.add(other)
    flip(registry.folder / name / "tokenizer.json")
    for act in (registry.verify, registry.promote):
        with pytest.raises(ModelError, match="与清单不符"):
            act(name)
    assert registry.names.current == SHIPPED


def test_a_changed_manifest_is_refused(registry: Registry, other: Path) -> None:
    name = registry.add(other)
    path = registry.folder / name / MANIFEST_NAME
    path.chmod(0o644)
    path.write_text(path.read_text(encoding="utf-8").replace('"slope": 1.0', '"slope": 9.0'))
    with pytest.raises(ModelError, match="清单被改动过"):
        registry.verify(name)


def test_a_version_of_another_release_is_refused(registry: Registry, other: Path) -> None:
    path = other / MANIFEST_NAME
    path.write_text(path.read_text(encoding="utf-8").replace('"format": 2', '"format": 3'))
    with pytest.raises(ModelError, match="由另一版本的医闻生成"):
        registry.add(other)
    shutil.copytree(other, registry.folder / "newer")
    assert "由另一版本" in registry.versions()[1].problem
    with pytest.raises(ModelError, match="由另一版本"):
        registry.promote("newer")


@pytest.mark.parametrize("name", ["", "missing", "../shipped", "previous", "."])
def test_names_of_nothing_are_refused(registry: Registry, name: str) -> None:
    with pytest.raises(InputError, match="没有模型"):
        registry.find(name)


@pytest.mark.parametrize("kind", ["file", "folder", "record"])
def test_a_record_with_a_link_is_refused_and_brings_in_nothing(
    registry: Registry, other: Path, tmp_path: Path, kind: str
) -> None:
    secret = tmp_path / "secret"
    secret.mkdir()
    (secret / "yiwen.db").write_text("of another user")
    record = other.with_name("other.run")
    if kind == "record":
        shutil.rmtree(record)
        record.symlink_to(secret)
    else:
        target = secret / "yiwen.db" if kind == "file" else secret
        (record / "notes").mkdir()
        (record / "notes" / "link").symlink_to(target)
    with pytest.raises(ModelError, match="是链接或特殊文件"):
        registry.add(other)
    assert [path.name for path in registry.folder.rglob("*") if path.is_file()] in ([], [".lock"])


def test_a_pipe_in_a_record_is_refused(registry: Registry, other: Path) -> None:
    os.mkfifo(other.with_name("other.run") / "pipe")
    with pytest.raises(ModelError, match="特殊文件"):
        registry.add(other)


def test_the_registry_takes_in_what_the_manifest_names_alone(
    registry: Registry, other: Path
) -> None:
    (other / "run.sh").write_text("rm -r")
    (other / "more").mkdir()
    (other / "link").symlink_to("/etc/passwd")
    name = registry.add(other)
    found = sorted(path.name for path in (registry.folder / name).iterdir())
    assert found == ["encoder.onnx", "manifest.json", "tokenizer.json"]


@pytest.mark.parametrize(
    "content",
    [
        b"[]", b"null", b"{}", b"\xff", b"[" * 100_000,
        b'{"current": 5, "previous": "", "switches": []}',
        b'{"current": "../x", "previous": "", "switches": []}',
        b'{"current": "", "previous": "", "switches": []}',
        b'{"current": "a\\u0000", "previous": "", "switches": []}',
        b'{"current": "a", "previous": "\\ud800", "switches": []}',
        b'{"current": "a", "previous": "", "switches": {}}',
        b'{"current": "a", "previous": "", "switches": [{"at": 1}]}',
        b'{"current": "a", "previous": "", "switches": [{"at": "", "version": [], "before": ""}]}',
    ],
)  # fmt: skip
def test_odd_names_are_refused_in_words(registry: Registry, content: bytes) -> None:
    registry.folder.mkdir()
    (registry.folder / "names.json").write_bytes(content)
    for ask in (lambda: registry.find("current"), registry.roll_back, lambda: registry.names):
        with pytest.raises(ModelError, match=r"names\.json 读不懂") as caught:
            ask()
        assert caught.value.code == "names_damaged"


@pytest.mark.parametrize(
    "metrics", [{"decisions": 5}, {"decisions": {"a": 1}}, {"decisions": {"a": {"f1": "x"}}}]
)
def test_odd_metrics_are_unknown(registry: Registry, other: Path, metrics: dict) -> None:
    manifest = Manifest.read(other)
    replace(manifest, metrics=metrics).save(other)
    registry.add(other)
    assert [version.mean_f1 for version in registry.versions()] == ["", ""]


def flip(path: Path) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


def test_a_service_under_load_follows_without_a_failed_request(
    registry: Registry, other: Path
) -> None:
    name = registry.add(other)
    in_use = ModelInUse(registry)
    article = Article.from_raw(TEXT)
    done, said = Event(), set()

    def ask() -> None:
        while not done.is_set():
            report = in_use.analyzer.analyze(article)
            said.add((report.model, len(report.scores)))

    with ThreadPoolExecutor(4) as callers:
        asking = [callers.submit(ask) for _ in range(4)]
        try:
            for _ in range(3):
                registry.promote(name)
                in_use.take_up()
                assert in_use.analyzer.manifest.version == name
                registry.roll_back()
                in_use.take_up()
                assert in_use.name == SHIPPED
        finally:
            done.set()
    for call in asking:
        call.result()
    assert {n_themes for _, n_themes in said} == {1, 2}


def test_a_request_alone_makes_it_follow_and_a_damaged_model_is_not_taken(
    registry: Registry, other: Path
) -> None:
    name = registry.add(other)
    in_use = ModelInUse(registry)
    fixed = ModelInUse(registry, registry.shipped)
    registry.promote(name)
    waited = Event()
    while in_use.analyzer.manifest.version != name:
        assert not waited.wait(0.01)
    assert fixed.analyzer.manifest.name == "shipped"
    third = registry.add(make_model(other.with_name("third"), {"alliance": "县"}, name="third"))
    registry.promote(third)
    flip(registry.folder / third / "encoder.onnx")
    in_use.take_up()
    assert in_use.name == name
    assert "仍用" in in_use.problem
    with pytest.raises(ModelError, match="与清单不符") as caught:
        ModelInUse(registry)
    assert "请用 yiwen models rollback" in explain(caught.value)
    registry.roll_back()
    assert ModelInUse(registry).name == name
