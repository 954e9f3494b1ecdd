"""Features: what the learned choice sees of each clause beside the encoder's states."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.encoder import EncodedArticle
from model.names import Cast
from model.report import Figure, Theme
from model.spans import Span
from model.summary.choice.clauses import Clause
from model.summary.choice.context import CONTEXT_FEATURES, describe_context
from model.summary.worth import standardise_salience

# What is looked for in a clause.
_PATTERNS = {
    name: re.compile(pattern)
    for name, pattern in {
        "digit": r"\d",
        "numeral": r"[一二三四五六七八九十百千万两]{1,8}(?:[个家名人项倍]|成)",
        "deed": (
            r"举[行办]|召开|启动|揭牌|开展|成立|发布|公布|印发|出台|签[约署]|上线|投用|启用|开诊"
            r"|推出|组织|派出|联合|实施|建成|入选|获评"
        ),
        "first person": r"[我咱俺](?!国|省|市|县|区|州|院)|[你您]",
        "points back": r"^(?:其中|该|他|她|它|这|那|其|此|并|而|还|也|则|后者|前者|上述|两人|双方)",
        "points back inside": r"该|此次|本次|这[一家个所支栋座项次]|上述|双方",
        "speaker": r"(?:表示|介绍|说|道|指出|告诉记者|呼吁|强调|认为|称|获悉|了解到)[，：]?$",
        "day": r"近[日期]|日前|连日来|昨[日天]|今[日天]|\d月|\d日",
        "plan": r"将|下一步|计划|目标|力争|预计",
        "body": r"医院|卫生院|卫健|医保|疾控|中心|委员会|局|公司|集团|学会|协会|大学",
        "place": r"[省市县区州旗镇乡村]",
        "result": r"达到?|增长|下降|提[升高]|减少|增加|累计|共|完成|实现|覆盖|惠及",
        "credit": r"获悉|了解到|讯|报道|记者|通讯员|图为|供图|摄",
        "quote opens": r"“",
        "quote closes": r"”",
        "purpose": r"^为",
        "slogan": r"贡献|奠定|保驾护航|添砖加瓦|注入|篇章|获得感|幸福感",
        "connective": r"同时|此外|另外|但|然而",
        "list": r"[、]",
        "bracket": r"[（(]",
        "book title": r"《",
        "ends the sentence": r"[。！？][”’）]?$",
        "ends in semicolon": r"；$",
        "ends in colon": r"：$",
        "ends in comma": r"，$",
        "exclaims": r"[！!？?…]",
        "blank": r" ",
        "latin": r"[A-Za-z]",
        "patient": r"患者|病人|先生|女士",
    }.items()
}
_PLACES = (
    "first sentence", "sentence", "sentence share", "paragraph", "paragraph share",
    "opens paragraph", "sentence in paragraph", "opens sentence", "closes sentence",
    "clause", "chars", "chars of sentence",
)  # fmt: skip
_MARKS = (
    "figures", "targets", "figures of sentence", "carries theme", "opening", "salience",
    "theme logit", "has themes", "chars of article",
)  # fmt: skip
# Heads of earlier releases see these alone.
FIRST_FEATURES = (*_PLACES, *_PATTERNS, *_MARKS, "shared with headline")
FEATURES = (*FIRST_FEATURES, *CONTEXT_FEATURES)
_HEADLINE_CHARS = 60


def list_features(
    article: Article,
    encoded: EncodedArticle,
    clauses: Sequence[Clause],
    themes: Sequence[Theme],
    figures: Sequence[Figure],
    cast: Cast,
) -> FloatArray:
    """Return the features of an article's clauses, shape (clauses, len(FEATURES)).

    Args:
        article: the article.
        encoded: the encoder's view of it.
        clauses: its clauses.
        themes: the accepted themes with their evidence.
        figures: the key figures.
        cast: who the article is about.
    """
    words = [clause.span.of(article.text) for clause in clauses]
    searches = [pattern.search for pattern in _PATTERNS.values()]
    found = np.array([[search(w) is not None for search in searches] for w in words], np.float32)
    return np.concatenate(
        [
            _places(article, clauses),
            found,
            _marks(article, encoded, clauses, themes, figures),
            _shared(article, words)[:, None],
            describe_context(article, encoded, clauses, cast),
        ],
        axis=1,
        dtype=np.float32,
    )


def _places(article: Article, clauses: Sequence[Clause]) -> FloatArray:
    """Where each clause stands, and how long it and its sentence are."""
    sentences = article.sentences
    breaks = ["\n" in article.text[a.end : b.start] for a, b in pairwise(sentences)]
    paragraphs = np.cumsum([0, *breaks])
    firsts = np.searchsorted(paragraphs, paragraphs)  # first sentence of each one's paragraph
    s = np.array([clause.sentence for clause in clauses])
    counts = Counter(clause.sentence for clause in clauses)
    index = np.array([i for row in sorted(counts) for i in range(counts[row])])
    last = np.array([counts[clause.sentence] - 1 for clause in clauses])
    n_chars = np.array([clause.span.end - clause.span.start for clause in clauses])
    n_whole = np.array([sentence.end - sentence.start for sentence in sentences])[s]
    return np.stack(
        [
            s == 0, np.log1p(s), s / len(sentences),
            np.log1p(paragraphs[s]), paragraphs[s] / (paragraphs[-1] + 1),
            s == firsts[s], np.log1p(s - firsts[s]),
            index == 0, index == last, np.log1p(index),
            np.log(n_chars) - 2.5, np.log(n_whole) - 4,
        ],
        axis=1,
    ).astype(np.float32)  # fmt: skip


def _marks(
    article: Article,
    encoded: EncodedArticle,
    clauses: Sequence[Clause],
    themes: Sequence[Theme],
    figures: Sequence[Figure],
) -> FloatArray:
    """Figures and themes in each clause and its sentence, salience, and the article's size."""
    logits = np.full(len(article.sentences), -10, np.float32)
    np.maximum.at(logits, list(encoded.sentences), encoded.theme_logits.max(axis=1))
    reached = np.array([f.span.start for f in figures if f.kind != "target"], np.int64)
    planned = np.array([f.span.start for f in figures if f.kind == "target"], np.int64)
    carrying = {span.start for theme in themes for span in theme.evidence}
    s = np.array([clause.sentence for clause in clauses])
    own = [clause.span for clause in clauses]
    wholes = [article.sentences[clause.sentence] for clause in clauses]
    return np.stack(
        [
            _count(reached, own), _count(planned, own), _count(reached, wholes),
            np.array([whole.start in carrying for whole in wholes]),
            np.array([clause.opening for clause in clauses]),
            standardise_salience(article, encoded)[s], np.tanh(logits[s] / 4),
            np.full(len(s), bool(themes)), np.full(len(s), np.log(len(article.text)) - 6),
        ],
        axis=1,
    ).astype(np.float32)  # fmt: skip


def _count(starts: np.ndarray, spans: Sequence[Span]) -> np.ndarray:
    """How many of the ordered starts lie in each span, 2 at most."""
    ends = np.array([(span.start, span.end) for span in spans])
    bounds = np.searchsorted(np.sort(starts), ends)
    counts: np.ndarray = np.minimum(bounds[:, 1] - bounds[:, 0], 2)
    return counts


def _shared(article: Article, words: Sequence[str]) -> FloatArray:
    """Share of each clause's pairs of characters that the headline has too."""
    headline = article.title or article.text[: article.text.find("\n", 0, _HEADLINE_CHARS) + 1]
    own = frozenset(map("".join, pairwise(headline)))
    shares = [sum(p in own for p in map("".join, pairwise(w))) / max(len(w), 1) for w in words]
    return np.array(shares, np.float32)
