from __future__ import annotations

import json
from pathlib import Path

import pytest

from data.corpus.data_card import END, START, make_tables
from data.corpus.data_card import main as print_card
from data.labelled import LabelledArticle, LabelledSentence
from data.labels.agreement import compare_answers, main, read_answers
from model import InputError

THEMES = ("prevention", "smart")


def write(path: Path, *answers: tuple[list[str], list[str]]) -> Path:
    rows = [
        {"id": str(i), "themes": sure, "borderline": edge} for i, (sure, edge) in enumerate(answers)
    ]
    path.write_text("\n".join(map(json.dumps, rows)) + "\n")
    return path


def test_agreement_by_hand(tmp_path: Path) -> None:
    first = read_answers(
        [write(tmp_path / "a", (["smart"], []), (["smart"], []), ([], []), ([], []), ([], []))],
        THEMES,
    )
    second = read_answers(
        [write(tmp_path / "b", (["smart"], []), ([], []), ([], []), ([], []), ([], ["smart"]))],
        THEMES,
    )
    lines = compare_answers(first, second, THEMES)
    assert lines[0] == "5 articles"
    assert lines[1].startswith("prevention: kappa –")
    # Clear pairs: both, one only, none, none: observed 3/4, by chance 1/2 * 1/4 + 1/2 * 3/4.
    assert lines[2].startswith("smart: kappa 0.50 (clear)")
    assert lines[3:] == ["1  smart: sure/none", "4  smart: none/borderline"]
    del second["4"]
    with pytest.raises(InputError, match="相差 1 篇"):
        compare_answers(first, second, THEMES)


def test_pairs_of_files(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other = write(tmp_path / "a", (["smart"], [])), write(tmp_path / "b", (["smart"], []))
    main([str(one), str(other)])
    assert "1 articles" in capsys.readouterr().out


def test_the_card_counts_what_there_is(tmp_path: Path) -> None:
    sentences = (LabelledSentence(0, 1, key=True), LabelledSentence(1, 2))
    articles = [
        LabelledArticle(
            "1", "字" * 700, "corpus", frozenset({"smart"}), genre="notice", date="2020-01-01",
            sentences=sentences, figures=(),
        ),
        LabelledArticle("2", "字" * 100, "pointer", frozenset(), near=frozenset({"talent"})),
    ]  # fmt: skip
    card = make_tables(articles)
    assert "| corpus | 1 | 1 | 1 | 2 | 1 | 0 | 1 |" in card
    assert "| smart | 1 | 0 | 1 |" in card
    assert "| talent | 0 | 1 | 1 |" in card
    assert "|  1000- | 1 | 0 | 1 |" in card
    path = tmp_path / "README.md"
    path.write_text(f"before\n{START}\nold\n{END}\nafter\n")
    print_card(path)
    text = path.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    path.write_text("no marks")
    with pytest.raises(InputError, match="没有标记"):
        print_card(path)
