from __future__ import annotations

from tests.training.tiny import labelled
from training.experiments.curve import _choose


def test_the_learning_curves_parts_of_the_corpus_grow() -> None:
    articles = [labelled(id=str(n), source="corpus") for n in range(20)]
    articles += [labelled(id=f"p{n}", source="pointer") for n in range(5)]
    some = _choose(articles, 0.25, with_pointers=False)
    more = _choose(articles, 0.5, with_pointers=False)
    assert (len(some), len(more)) == (5, 10)
    assert {a.id for a in some} < {a.id for a in more}
    everything = _choose(articles, 1.0, with_pointers=True)
    assert {a.id for a in everything} == {a.id for a in articles}
