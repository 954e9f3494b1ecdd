from __future__ import annotations

from dataclasses import replace

from data.corpus.duplicates import find_clusters, find_known
from data.corpus.split import split_held_out
from data.labelled import LabelledArticle

STORY = (
    "云岭县把十六家乡镇卫生院交给县医院统一管理，药品一起买，病人一起转。去年县医院派下去八十三名医师，"
    "下转的病人比前一年多了四成。周大爷在镇上拔了牙，没花路费。院长说，明年还要把心电图机接到村里。"
)
REPOST = (
    "原标题：小病在镇上看\n" + STORY.replace("去年", "2023年").replace("，没花路费", "") + "（完）"
)
OTHER = (
    "市里的地铁三号线昨天试运行，早高峰最短间隔三分半。车站里新添了无障碍电梯，站厅的灯换成了暖色。"
    "有乘客抱怨换乘要走七百米，运营公司说正在和设计院商量加一条通道。票价暂时不变。"
)


def article(n: int, text: str = "") -> LabelledArticle:
    themes = frozenset({"smart"}) if n % 5 == 0 else frozenset()
    return LabelledArticle(id=str(n), text=text or f"第{n}篇", source="corpus", themes=themes)


def test_the_split_is_alike_repeatable_and_does_not_leak() -> None:
    articles = [article(n) for n in range(100)]
    twins = [article(1000 + n, text=f"第{n}篇") for n in range(100)]
    train, held_out = split_held_out([*articles, *twins], 0.2, seed=1)
    assert {a.text for a in train}.isdisjoint(a.text for a in held_out)
    assert len(train) + len(held_out) == 200
    assert sum(bool(a.themes) for a in held_out) >= 4
    assert split_held_out([*articles, *twins], 0.2, seed=1) == (train, held_out)
    assert split_held_out([*articles, *twins], 0.2, seed=2) != (train, held_out)


def test_a_planted_near_duplicate_stays_on_its_side() -> None:
    plain = [
        article(n, text=f"{OTHER}第{n}个站叫{chr(0x4E00 + 37 * n) * 30}") for n in range(1, 40)
    ]
    for seed in range(12):
        planted = [article(100, STORY), *plain, article(101, REPOST)]
        train, held_out = split_held_out(planted, 0.4, seed)
        sides = [{a.id for a in side} & {"100", "101"} for side in (train, held_out)]
        assert sorted(map(len, sides)) == [0, 2]


def test_articles_of_one_source_cluster_stay_together() -> None:
    articles = [replace(article(n), cluster="会议" if n in {3, 17, 31} else "") for n in range(60)]
    for seed in range(12):
        train, held_out = split_held_out(articles, 0.4, seed)
        assert {len([a for a in side if a.cluster]) for side in (train, held_out)} == {0, 3}


def test_clusters() -> None:
    assert find_clusters([STORY, OTHER, REPOST]) == [0, 1, 0]
    assert find_clusters(["甲", "乙", "丙"], [("x",), (), ("x", "y")]) == [0, 1, 0]
    assert find_clusters([]) == []


def test_what_is_known_already() -> None:
    assert find_known([REPOST, "另一件事，与此无关，谁也没有写过。"], [OTHER, STORY]) == [1, None]
