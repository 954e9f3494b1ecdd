from __future__ import annotations

from serving.corrections.review import QueueCandidate, rank_for_review

ALLIANCE = "县医院与乡镇卫生院组成医共体，双向转诊三千人次，药品统一采购。"
MUSEUM = "市博物馆新展开幕，展出青铜器一百件，观众排队参观。"


def candidate(number: int, text: str, score: float, *, in_band: bool = False) -> QueueCandidate:
    review = ("alliance",) if in_band else ()
    return QueueCandidate(number, text, {"alliance": score, "smart": 0.01}, review, "")


def test_the_review_band_comes_first_then_what_is_undecided_and_unlike() -> None:
    ranked = rank_for_review(
        [
            candidate(0, ALLIANCE, 0.5),
            candidate(1, ALLIANCE + "又讯。", 0.5),
            candidate(2, MUSEUM, 0.45),
            candidate(3, MUSEUM, 0.02),
            candidate(4, MUSEUM + "免费。", 0.9, in_band=True),
        ]
    )
    order = sorted(range(5), key=lambda i: -ranked[i])
    assert order[0] == 4
    assert set(order[1:3]) & {0, 1}
    assert 2 in order[1:3]  # not two tellings of one story
    assert order[-1] == 3
    assert len(set(ranked)) == 5


def test_an_empty_queue_and_articles_without_scores_can_be_ranked() -> None:
    assert rank_for_review([]) == []
    assert rank_for_review([QueueCandidate(1, "无", {}, (), "")]) == [1.0]
