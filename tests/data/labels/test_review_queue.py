from __future__ import annotations

import numpy as np

from data.labels.review_queue import choose_for_review, to_topics


def test_the_queue_takes_what_is_undecided_and_unlike() -> None:
    scores = np.array([[0.5], [0.5], [0.45], [0.01], [0.99]])
    vectors = np.array([[1, 0], [1, 0.01], [0, 1], [-1, 0], [0, -1]], dtype=float)
    assert set(choose_for_review(scores, vectors, 2)) == {0, 2}
    assert sorted(choose_for_review(scores, vectors, 9)) == [0, 1, 2, 3, 4]
    assert choose_for_review(np.zeros((0, 2)), np.zeros((0, 3)), 3) == []


def test_texts_on_like_things_lie_near_each_other() -> None:
    texts = [
        "县医院与乡镇卫生院组成医共体，双向转诊三千人次。",
        "医共体牵头医院向乡镇卫生院派驻医师，转诊更方便。",
        "市博物馆新展开幕，展出青铜器一百件，观众排队参观。",
        "博物馆夜场开放，观众可看青铜器与书画。",
    ]
    vectors = to_topics(texts)
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    near = unit @ unit.T
    assert near[0, 1] > near[0, 2]
    assert near[2, 3] > near[1, 3]
    assert np.array_equal(to_topics(texts), vectors)
    assert to_topics(["只有一篇"]).shape == (1, 1)
    assert to_topics(["一样", "一样"]).shape[0] == 2
