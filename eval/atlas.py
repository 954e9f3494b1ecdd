"""How right the atlas is, against questions, promises and contradictions made by reading.

    python -m eval.atlas REPORTS.jsonl --questions Q --promises P --contradictions C --plant 40

REPORTS are those of the articles that were read (`yiwen tag`); Q, P and C lie in
`data/pointers/atlas/`. A line of Q has `place`, `indicator`, `year`, `value` (null where nothing is
recorded; `values` where articles differ) and `articles`; a line of P has `target` and `level` and
`state` (met, missed, open; none where no news of it was found); a line of C has `a` and `b`, and
`kind`, which is none where two that look so are no contradiction. Each place in a text has its
`article` and `at`, offsets into what `find_texts` returns (`YIWEN_TEXTS`). `--half look` takes what
falls on articles for reading errors, `--half report` the rest, which is for the final figures
alone. `--plant N` plants N contradictions into the reports.

A question is right where the first value is the one read, wrong where there is another, missed
where there is none. A promise is right where its outcome is the state that was read.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal

import typer
from rich.console import Console

from data.command import run_command
from data.corpus.texts import find_texts
from eval.atlas_plants import Plant, plant_contradictions
from model import InputError
from serving.atlas.atlas import Atlas, build_atlas
from serving.atlas.contradictions import Contradiction
from serving.atlas.facts import Receipt
from serving.atlas.promises import Promise, follow_promises
from serving.atlas.questions import Question, ask

_TOLERANCE = 1e-6
_ENDS = ("target", "level", "a", "b")  # of a promise, of a contradiction
_ALIKE = "none"  # kind of a pair that looks like a contradiction and is none
# Of which no news was found: it depends on the day whether it is overdue.
_STATES = {"none": {"overdue", "open", "undated"}, "open": {"open", "undated"}}
Row = dict[str, Any]
Half = Literal["look", "report", "all"]


def main(
    reports: Annotated[Path, typer.Argument(help="reports of the articles that were read")],
    questions: Annotated[Path | None, typer.Option(help="questions with answers")] = None,
    promises: Annotated[Path | None, typer.Option(help="targets with what became of them")] = None,
    contradictions: Annotated[Path | None, typer.Option(help="pairs that contradict")] = None,
    plant: Annotated[int, typer.Option(help="how many contradictions to plant")] = 0,
    half: Annotated[Half, typer.Option(help="whose mistakes may be read, or not")] = "all",
    show: Annotated[bool, typer.Option("--show", help="list the mistakes")] = False,
    today: Annotated[str, typer.Option(help="the day by which promises are judged")] = "",
) -> None:
    """Measure the atlas."""
    records = list(_read(reports))
    atlas, console = build_atlas(records), Console(highlight=False, soft_wrap=True, markup=False)
    texts = {str(record["id"]): record["text"] for record in records if "text" in record}
    mistakes: list[str] = []
    if questions:
        rows = [row for row in _read(questions) if _is_in(half, row["articles"])]
        console.print(_score_questions(atlas, rows, mistakes))
    if promises:
        rows = [row for row in _quote(promises) if _is_in(half, [row["target"]["article"]])]
        day = date.fromisoformat(today) if today else date.today()
        made = follow_promises(atlas.facts, day)
        console.print(_score_promises(made, rows, texts, mistakes))
    if contradictions:
        rows = [row for row in _quote(contradictions) if _is_in(half, [row["a"]["article"]])]
        console.print(_score_contradictions(atlas.contradictions, rows, texts, mistakes))
    if plant:
        chosen = [record for record in records if _is_in(half, [record["id"]])]
        console.print(_score_plants(records, plant_contradictions(chosen, plant), mistakes))
    for line in mistakes if show else ():
        console.print(line)


def _score_questions(atlas: Atlas, rows: Sequence[Row], mistakes: list[str]) -> str:
    counts: Counter[str] = Counter()
    for row in rows:
        answer = ask(atlas.facts, Question(row["place"], row["indicator"], row["year"]))
        outcome = _judge(_values(row), [fact.value for fact in answer.facts])
        counts[outcome] += 1
        if outcome not in ("right", "rightly none"):
            given = [f"{fact.shown} {fact.receipts[0].id}" for fact in answer.facts]
            near = [
                f"{f.place_name}{f.body} {f.indicator} {f.shown} {f.period}{f.doubts}"
                for f in answer.nearby
            ]
            asked = f"{row['place']} {row['indicator']} {row['year']} = {_values(row)}"
            mistakes.append(f"{outcome}: {asked} {row['articles']} -> {given} near {near}")
    n_recorded = sum(bool(_values(row)) for row in rows)
    n_none = len(rows) - n_recorded
    return (
        f"questions {len(rows)}: recorded {n_recorded}, right {counts['right']}, "
        f"another value {counts['wrong']}, missed {counts['missed']}; not recorded {n_none}, "
        f"rightly none {counts['rightly none']}, invented {counts['invented']}"
    )


def _values(row: Row) -> list[float]:
    """The values that are right; none where nothing is recorded."""
    return row.get("values") or ([] if row["value"] is None else [row["value"]])


def _judge(wanted: Sequence[float], given: Sequence[tuple[float, ...]]) -> str:
    if not wanted:
        return "invented" if given else "rightly none"
    if not given:
        return "missed"
    is_right = any(_is_close(end, value) for end in given[0] for value in wanted)
    return "right" if is_right else "wrong"


def _is_close(one: float, other: float) -> bool:
    return abs(one - other) <= _TOLERANCE * max(abs(one), abs(other), 1.0)


def _score_promises(
    made: Iterable[Promise], rows: Sequence[Row], texts: Mapping[str, str], mistakes: list[str]
) -> str:
    promises = list(made)
    found = right = 0
    for row in rows:
        known = [p for p in promises if _is_at(p.target.receipts, row["target"], texts)]
        outcomes = {p.outcome.name.lower() for p in known}
        is_right = bool(outcomes & _STATES.get(row["state"], {row["state"]}))
        found += bool(known)
        right += is_right
        if not is_right:
            mistakes.append(f"promise {row['state']}, got {outcomes}: {row['target']['quote']}")
    decided = Counter(promise.outcome.name.lower() for promise in promises)
    return (
        f"promises {len(rows)}: found {found}, right {right} "
        f"(precision {right / max(1, found):.3f}); all targets {dict(decided)}"
    )


def _score_contradictions(
    found: Sequence[Contradiction],
    rows: Sequence[Row],
    texts: Mapping[str, str],
    mistakes: list[str],
) -> str:
    hit = set[str]()
    n_real = n_found = n_alike = 0
    for row in rows:
        same = [one for one in found if _is_pair(one, row, texts)]
        hit |= {one.key for one in same}
        is_real = row.get("kind") != _ALIKE
        n_real += is_real
        n_found += is_real and bool(same)
        n_alike += not is_real and bool(same)
        if is_real != bool(same):
            what = "not found" if is_real else "found, and is none"
            mistakes.append(f"{what}: {row['a']['quote']} / {row['b']['quote']}")
    mistakes += [
        f"to judge ({one.kind} {one.sureness:.2f}): {one.words} {one.one.id} {one.other.id}"
        for one in found
        if one.key not in hit
    ]
    return (
        f"real contradictions {n_real}: found {n_found}; look like one and are none "
        f"{len(rows) - n_real}: found {n_alike}; all found {len(found)}, of them known {len(hit)}"
    )


def _score_plants(records: Sequence[Row], plants: Sequence[Plant], mistakes: list[str]) -> str:
    """Build the atlas with the plants; contradictions of plants that are none count as wrong."""
    before = {one.key for one in build_atlas(records).contradictions}
    counts: Counter[str] = Counter()
    n_extra = 0
    for plant in plants:
        made = build_atlas([*(r for r in records if r["id"] != plant.replaces), *plant.records])
        fresh = [one for one in made.contradictions if one.key not in before]
        own = [one for one in fresh if plant.is_told_by(one)]
        counts[plant.kind] += bool(own)
        n_extra += len(fresh) - len(own)
        if not own:
            mistakes.append(f"plant not found ({plant.kind}): {plant.words}")
    totals = Counter(plant.kind for plant in plants)
    by_kind = {kind: f"{counts[kind]}/{n}" for kind, n in totals.items()}
    n_found = counts.total()
    return (
        f"planted {len(plants)}: recall {n_found / max(1, len(plants)):.3f} {by_kind}, "
        f"others that came with them {n_extra}"
    )


def _is_pair(found: Contradiction, row: Row, texts: Mapping[str, str]) -> bool:
    ends = ((found.one,), (found.other,))
    return any(
        _is_at(one, row["a"], texts) and _is_at(other, row["b"], texts)
        for one, other in (ends, ends[::-1])
    )


def _is_at(receipts: Iterable[Receipt], place: Row, texts: Mapping[str, str]) -> bool:
    """Whether one of the receipts stands in the quotation."""
    text = texts.get(place["article"], "")
    at = text.find(place["quote"])
    end = at + len(place["quote"])
    return at >= 0 and any(
        r.id == place["article"] and at <= r.start and r.end <= end for r in receipts
    )


def _is_in(half: Half, articles: Sequence[str]) -> bool:
    """Whether a line is of the half that is asked for, by the first article's id."""
    if half == "all" or not articles:
        return True
    digest = hashlib.sha1(str(articles[0]).encode(), usedforsecurity=False).hexdigest()
    return (int(digest[0], 16) % 2 == 0) == (half == "look")


def _quote(path: Path) -> list[Row]:
    """Read a key, and give each of its places in a text the words that stand there.

    Raises:
        InputError: the text of an article is not at hand.
    """
    rows = list(_read(path))
    places = [row[end] for row in rows for end in _ENDS if row.get(end)]
    texts = find_texts(frozenset(place["article"] for place in places if "at" in place))
    for place in places:
        if "at" in place and place["article"] not in texts:
            raise InputError(f"{place['article']} 的原文不在手边（见 YIWEN_TEXTS）")
        if "at" in place:
            place["quote"] = texts[place["article"]][slice(*place["at"])]
    return rows


def _read(path: Path) -> Iterator[Row]:
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


if __name__ == "__main__":
    run_command(main)
