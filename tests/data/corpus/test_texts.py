from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import pytest

from data.corpus.import_real import to_pointer
from data.corpus.pointers import POINTERS_FOLDER, resolve_pointers, second_ids
from data.corpus.texts import VARIABLE, find_texts, text_id
from model import InputError

BARE = "县医院派医生下乡。他们每周二坐诊，大病往上转。天气很好。"
TEXT = "2023-07-27 16:01，正文：" + BARE


def write_texts(path: Path) -> None:
    rows = [{"id": "abc", "text": TEXT}, {"text": TEXT}, {"id": "zzz", "text": "别的"}]
    with gzip.open(path, "wt", encoding="utf-8") as stream:
        stream.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def test_ids_leave_the_collections_date_out() -> None:
    assert text_id(TEXT) == text_id(BARE)
    assert len(text_id(TEXT)) == 12


def test_texts_are_found_by_id_in_files_and_folders(tmp_path: Path) -> None:
    write_texts(tmp_path / "pool.jsonl.gz")
    wanted = frozenset({"abc", text_id(TEXT), "missing"})
    assert find_texts(wanted, (tmp_path,)) == {"abc": BARE, text_id(TEXT): BARE}


def test_pointers_become_articles_and_missing_ones_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_texts(tmp_path / "pool.jsonl.gz")
    monkeypatch.setenv(VARIABLE, str(tmp_path / "pool.jsonl.gz"))
    row = {
        "id": "abc", "text": TEXT, "themes": ["alliance"], "borderline": [], "primary": None,
        "sentences": {"alliance": ["他们每周二坐诊"]}, "borderline_sentences": {},
    }  # fmt: skip
    folder = tmp_path / "pointers"
    folder.mkdir()
    pointer = to_pointer(row)
    lines = [json.dumps(pointer), json.dumps(pointer | {"id": "nowhere"})]
    (folder / "real.jsonl").write_text("\n".join(lines) + "\n")
    resolved = resolve_pointers(folder)
    assert resolved.n_missing == 1
    (article,) = resolved.articles
    (sentence,) = article.sentences or ()
    assert article.text[sentence.start : sentence.end] == "他们每周二坐诊，大病往上转。"


def test_an_opening_is_found_as_cleaning_leaves_it() -> None:
    text = "县医院派医生下乡。他们每周２次坐诊，大病往上转。"
    row = {
        "id": "abc", "text": text, "themes": ["alliance"], "borderline": [], "primary": None,
        "sentences": {"alliance": ["他们每周2次坐诊"]}, "borderline_sentences": {},
    }  # fmt: skip
    ((start, end),) = to_pointer(row)["sentences"]["alliance"]
    assert text[start:end] == "他们每周２次坐诊，大病往上转。"


def test_the_second_set_is_in_no_training_data() -> None:
    kept_back = second_ids()
    trained = {
        json.loads(line)["id"]
        for path in POINTERS_FOLDER.glob("*.jsonl")
        for line in path.read_text(encoding="utf-8").splitlines()
    }
    assert len(kept_back) > 100
    assert not kept_back & trained


def test_an_opening_that_is_not_in_the_text_is_refused() -> None:
    row = {
        "id": "abc", "text": TEXT, "themes": ["alliance"], "borderline": [], "primary": None,
        "sentences": {"alliance": ["没有这句"]}, "borderline_sentences": {},
    }  # fmt: skip
    with pytest.raises(InputError, match="找不到句首"):
        to_pointer(row)


def test_figures_and_summaries_are_kept_as_places(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = "2023-07-27 16:01，正文：县医院有医师83名。今年派出医师12名，共12名。"
    texts = tmp_path / "t.jsonl"
    texts.write_text(json.dumps({"id": "abc", "text": text}) + "\n")
    monkeypatch.setenv(VARIABLE, str(texts))
    figure = {
        "text": "12名", "context": "派出医师12名，", "indicator": "医师", "value": 12, "unit": "人",
        "kind": "level", "bound": "", "year": 2023,
    }  # fmt: skip
    row = {
        "id": "abc", "text": text, "themes": [], "borderline": [], "primary": None,
        "sentences": {}, "borderline_sentences": {}, "figures": [figure], "summary": ["今年派出"],
    }  # fmt: skip
    folder = tmp_path / "pointers"
    folder.mkdir()
    (folder / "a.jsonl").write_text(json.dumps(to_pointer(row)) + "\n")
    (article,) = resolve_pointers(folder).articles
    (found,) = article.figures or ()
    assert article.text[found.start : found.end] == "12名"
    assert (found.indicator, found.value, found.year) == ("医师", (12,), 2023)
    (sentence,) = article.sentences or ()
    assert sentence.key
    assert article.text[sentence.start : sentence.end] == "今年派出医师12名，共12名。"
    for broken in ({"context": "没有"}, {"indicator": "护士"}):
        with pytest.raises(InputError, match="找不到"):
            to_pointer(row | {"figures": [figure | broken]})


def test_texts_of_the_news_package_are_found() -> None:
    found = find_texts(frozenset({"inews-dev-0", "inews-dev-99999"}), ())
    assert list(found) == ["inews-dev-0"]


UNIT_CHARS = 8


def test_the_table_of_pointers_holds_labels_and_no_text() -> None:
    for path in POINTERS_FOLDER.glob("*.jsonl"):
        for line in path.read_text(encoding="utf-8").splitlines():
            words = re.findall(r'"((?:[^"\\]|\\.)*)"', line)
            assert max(map(len, words)) <= len("borderline_sentences")
            assert all(word.isascii() or len(word) <= UNIT_CHARS for word in words)
            assert "text" not in json.loads(line)
