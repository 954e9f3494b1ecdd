"""训练 and 模型 in HTML: a training with its progress, what the gate said, versions."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from data.labels.files import RowProblem
from serving.home.schema import State, Training
from serving.jobs.trainings import read_progress
from serving.registry.verdicts import judged_cells
from serving.registry.versions import Names, Registry, Switch, Version
from training.packaging.names import CURVE_NAME

_STATES = {
    State.RUNNING: "正在训练", State.STOPPING: "正在停下", State.DONE: "训练完成",
    State.CANCELLED: "已取消", State.INTERRUPTED: "中断", State.FAILED: "没有成功",
}  # fmt: skip
_MAX_PROBLEMS = 200
_MINUTE_S = 60
_SHOWN_SWITCHES = 10
NO_TRAINING = (
    "<div class='yw-empty'><b>还没有训练过</b><br>在左边选好标注，按“开始训练”。<br>"
    "训练在后台进行，可以离开这一页；正在使用的模型不受影响，<br>新模型要在“模型”里由人启用。</div>"
)


def show_training(training: Training | None) -> str:
    """Return a training: how far it is, how it ended, its curves, what the gate said."""
    if training is None:
        return NO_TRAINING
    state = State(training.state)
    when = f"{training.created.astimezone():%Y-%m-%d %H:%M}"
    head = f"<h3>{_STATES[state]}：{training.n_labels} 篇标注，{when}</h3>"
    parts = [head, _progress(training)]
    if training.message:
        parts.append(f"<div class='yw-warning'>{escape(training.message)}</div>")
    if training.version:
        parts.append(f"<p class='yw-note'>新模型：{escape(training.version)}</p>")
    if training.verdict:
        parts.append(show_verdict(training.verdict))
    return f"<div class='yw-report'>{''.join(parts)}{_curves(training)}</div>"


def _progress(training: Training) -> str:
    if not training.is_active:
        return ""
    row = read_progress(training)
    if training.version:
        row = {"stage": "与正在使用的模型比较"}
    total = row.get("total") or 0
    value = f" value='{row['done'] / total:.3f}'" if total else ""
    stage = escape(str(row.get("stage") or "准备"))
    seconds = row.get("left_s")
    left = "" if seconds is None else f"，这一步还要约 {_duration(seconds)}"
    share = f" {row['done']}/{total}" if total else ""
    return f"<progress class='yw-progress'{value}></progress><p>{stage}{share}{left}</p>"


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), _MINUTE_S)
    return f"{minutes} 分 {rest} 秒" if minutes else f"{rest} 秒"


def _curves(training: Training) -> str:
    path = training.run / CURVE_NAME
    if training.is_active or not path.is_file():
        return ""
    image = b64encode(path.read_bytes()).decode()
    source = f"data:image/png;base64,{image}"
    return f"<h3>损失曲线</h3><img class='yw-curve' alt='损失曲线' src='{source}'>"


def show_verdict(verdict: Mapping[str, Any]) -> str:
    """Return what the gate said, and the measures that it went by."""
    verb = "可以启用：没有主题变差，整体变好" if verdict["accepted"] else "不建议启用"
    reasons = "".join(f"<li>{escape(reason)}</li>" for reason in verdict["reasons"])
    note = f"在两个模型都没有学过的 {verdict['n_articles']} 篇文章上比较；区间为 95% 自助法。"
    rows = (judged_cells(row) for row in verdict["judged"])
    table = _table(("指标", "现用", "新", "差", "95% 区间"), rows)
    tone = "yw-good" if verdict["accepted"] else "yw-warning"
    return (
        f"<div class='{tone} yw-verdict'><b>{verb}</b><ul>{reasons}</ul></div>"
        f"<div class='yw-report yw-scroll'>{table}</div><p class='yw-note'>{note}</p>"
    )


def show_problems(problems: Sequence[RowProblem], n_read: int, n_files: int) -> str:
    """Return the problems of label files, row by row."""
    head = f"<p>从 {n_files} 个文件读到 {n_read} 篇标注。</p>" if n_files else ""
    if not problems:
        return head
    lines = "".join(f"<li>{escape(str(problem))}</li>" for problem in problems[:_MAX_PROBLEMS])
    more = len(problems) - _MAX_PROBLEMS
    rest = f"<li>还有 {more} 处</li>" if more > 0 else ""
    count = f"<b>{len(problems)} 处问题</b>"
    return f"{head}<div class='yw-warning'>{count}<ul class='yw-problems'>{lines}{rest}</ul></div>"


def show_versions(registry: Registry) -> str:
    """Return the versions, which is in use, and the last switches."""
    names = registry.names
    rows = [_version_cells(version, names) for version in registry.versions()]
    table = _table(("版本", "", "主题", "平均 F1", "留出文章"), rows)
    lines = "".join(f"<li>{_switch(s)}</li>" for s in reversed(names.switches[-_SHOWN_SWITCHES:]))
    log = f"<h3>更换记录</h3><ul>{lines}</ul>" if lines else ""
    return f"<div class='yw-report'><div class='yw-scroll'>{table}</div>{log}</div>"


def show_card(version: Version) -> str:
    """Return a version's model card as it is written."""
    if version.problem:
        return f"<div class='yw-error' role='alert'>{escape(version.problem)}</div>"
    card = version.folder / "README.md"
    text = card.read_text(encoding="utf-8") if card.is_file() else "（没有说明卡）"
    return f"<div class='yw-raw'>{escape(text)}</div>"


def _version_cells(version: Version, names: Names) -> tuple[str, ...]:
    uses = {names.previous: "上一个", names.current: "正在使用"}
    use = uses.get(version.name, "")
    if version.manifest is None:
        return version.name, use, "不能使用", "", ""
    themes = "、".join(theme.name for theme in version.manifest.themes)
    return version.name, use, themes, version.mean_f1, str(len(version.manifest.held_out))


def _switch(switch: Switch) -> str:
    when = switch.at[:16].replace("T", " ")
    return escape(f"{when}　{switch.before} → {switch.version}　{switch.by}　{switch.why}")


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    body = "".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
    )
    return f"<table class='yw-table'><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table>"
