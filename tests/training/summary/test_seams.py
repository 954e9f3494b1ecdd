"""Headlines and captions that ran into a sentence are found by what stands around the seam."""

from __future__ import annotations

import random
from pathlib import Path

from model.summary.seams import (
    DOUBTFUL,
    has_lost_breaks,
    list_places,
    load_seams,
    reads_as_caption,
)
from training.recipes.read_seams import measure, write_weights
from training.summary.seams import fit_seams, glue_lines

PLACES = ("云岭县", "磐安县", "青禾县", "白石县", "长丰县")
DEEDS = ("医共体建设", "家庭医生签约", "送医下乡活动", "远程会诊", "村医培训")
ENDS = ("惠及群众", "取得实效", "启动", "全面铺开", "走深走实")


def make_text(drawn: random.Random) -> str:
    place, deed, end = (drawn.choice(some) for some in (PLACES, DEEDS, ENDS))
    number = drawn.randint(11, 99)
    return (
        f"{place}{deed}{end}\n近日，{place}召开{deed}推进会，{number}家卫生院参加。"
        f"群众看病更方便，大家都说很好。\n{place}医生在看病\n"
        f"{place}人民医院派出{number}名医师，到乡镇坐诊带教村医。\n群众看病不出镇，很方便。"
    )


def test_seams_are_learned_from_texts_with_their_breaks(tmp_path: Path) -> None:
    drawn = random.Random(0)
    texts = [list(glue_lines(make_text(drawn), drawn)) for _ in range(260)]
    glued = [example for own in texts for example in own if example.n_glued]
    assert all(example.sentence[example.n_glued :][:2] for example in glued)
    finder = fit_seams([example for own in texts[60:] for example in own])
    scores = measure(finder, [example for own in texts[:60] for example in own])
    assert scores["precision"] > 0.95
    assert scores["recall"] > 0.8
    write_weights(finder, tmp_path / "seams.tsv")
    read = load_seams(tmp_path / "seams.tsv")
    example = glued[0]
    n_chars = read.find(example.sentence, example.text, is_first=example.is_first)
    assert n_chars == example.n_glued


def test_no_seam_stands_at_a_mark_or_within_a_number() -> None:
    sentence = "云岭县医共体惠及120万群众，近日召开了推进会，各家参加。"
    places = list(list_places(sentence))
    assert sentence.index("，") not in places
    assert sentence.index("20万") not in places
    assert sentence.index("群众") in places


def test_a_short_first_sentence_without_a_day_is_a_caption() -> None:
    assert reads_as_caption("医生在给患者讲解治疗的知识。", 0, [])
    assert not reads_as_caption("医生在给患者讲解治疗的知识。", 3, [])
    assert not reads_as_caption("云岭县医院开诊了。", 0, ["云岭县医院"])


def test_a_headline_in_doubt_bars_its_sentence() -> None:
    seam = load_seams().judge("云岭县医院新添床位300张，明年启用。", "", is_first=False)
    assert seam.is_none > DOUBTFUL


def test_only_texts_without_breaks_are_searched() -> None:
    assert has_lost_breaks("云岭县派出12支医疗队。" * 60)
    assert not has_lost_breaks("云岭县派出12支医疗队到乡镇坐诊。\n" * 60)
