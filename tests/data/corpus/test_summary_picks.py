from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.corpus.import_picks import main, to_pointer
from data.corpus.summary_picks import PICKS_FOLDER, resolve_picks
from data.corpus.texts import VARIABLE, text_id

LEAD = "2023-05-16 08:00，正文："
TEXT = "云岭县派出12支医疗队到乡镇坐诊。天气好。看病的人都说方便。"


def pick_of(article_id: str) -> dict[str, object]:
    at = [len(LEAD), len(LEAD) + 17]
    part = {"text": (LEAD + TEXT)[at[0] : at[1]], "at": at}
    return {"id": article_id, "summary": [part], "skip": None}


def test_a_pointer_has_places_and_no_words() -> None:
    pointer = to_pointer(pick_of("a"), {"id": "a", "text": LEAD + TEXT, "date": "2023-05-16"})
    assert pointer == {"id": "a", "date": "2023-05-16", "parts": [[0, 17]]}


def test_imported_picks_are_found_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = text_id(TEXT)
    texts, picks = tmp_path / "texts.jsonl", tmp_path / "picks.jsonl"
    texts.write_text(json.dumps({"id": name, "text": LEAD + TEXT, "date": None}) + "\n")
    skipped = {"id": "b", "summary": [], "skip": "广告"}
    picks.write_text(json.dumps(pick_of(name)) + "\n" + json.dumps(skipped) + "\n")
    out = tmp_path / "pointers" / "picks.jsonl"
    main(picks, out, [texts])
    monkeypatch.setenv(VARIABLE, str(texts))
    (article,), n_missing = resolve_picks(out.parent)
    assert n_missing == 0
    ((start, end),) = article.parts
    assert article.text[start:end] == "云岭县派出12支医疗队到乡镇坐诊。"
    monkeypatch.setenv(VARIABLE, "")
    assert resolve_picks(out.parent) == ([], 1)


def test_committed_picks_hold_places_alone() -> None:
    text = (PICKS_FOLDER / "picks.jsonl").read_text(encoding="utf-8")
    lines = [json.loads(line) for line in text.splitlines()]
    assert len(lines) > 1_000
    for line in lines:
        assert set(line) == {"id", "date", "parts"}
        assert all(0 <= start < end for start, end in line["parts"])
