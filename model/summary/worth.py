"""Worth: what each sentence would add to a summary, before it is known what else is in it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from model.arrays import FloatArray
from model.article import Article
from model.cleaning.heading import is_dateline
from model.encoder import EncodedArticle
from model.summary.openings import CREDIT_RULE, HEAD_SENTENCES
from model.summary.shorten import UNPAIRED_RULE, Version

# Words that need what went before, unless the sentence before is taken too; a verb at the start
# has its subject there.
_DEPENDENT = re.compile(
    r"^(?:[^，。“]{2,4}，)?(?:其中|该|他|她|它|这(?!几年|些年)|那|其(?!他|余)|此(?!次|外)|并(?!购)|而|还|也|则|后者|前者|上述|两人"
    r"|双方|比如|例如|再|接着|之后|当日|会上|会后|期间|另一|另有|二是|三是|四是|其二|其三|第二|第三|要|将|会"
    r"|提醒|引导|组织|开展|推进|加强|建立|完善|实施|强化|推动|积极|不断|进一步|继续|努力|切实|通过)"
)
# `该院`, `这家医院`: which one is said by a sentence that names it.
_REFERS = re.compile(
    r"(?:该|这[一家个所支栋座项])(?P<kind>县|市|区|省|州|镇|乡|街道|村|社区|医院|院|校|中心|公司|集团|局|协会|学会"
    r"|科室|科|团队|平台|系统|项目|计划)"
)
_PERSON = re.compile(r"^[^，。：“”]{0,10}，?[^，。：“”]{0,4}(?<![其])[他她]们?")
_NAMED = r"[^，。：；、该这\s“”]{2,}"
_SPEAKER = re.compile(r"^[^，]{2,40}(?:表示|介绍|说|道|指出|告诉记者|呼吁|强调)[。：]$")
_COMPLETE = re.compile(r"[。！][”’）]*$")
# A text without any full stop has none at the end of what it says.
_SENTENCE_END = re.compile(r"[。！？]")
_ANY_END = re.compile(r"$")
# Little is said: a heading, an exclamation, what day it is.
_THIN = re.compile(
    r"^(?:[\u4e00-\u9fff，、]{2,14} [\u4e00-\u9fff]|.*[！…]$"
    r"|[^，]{0,14}是[^，]{2,20}(?:[节日]|周年|宣传周)。$)"
)
# Somebody did something: held, founded, published, sent.
_DEED = re.compile(
    r"举[行办]|召开|启动|揭牌|开展|成立|发布|公布|印发|出台|签[约署]|上线|投用|启用|开诊|推出|组织|派出"
    r"|联合|实施|建成|入选|获评"
)
_FIRST_PERSON = re.compile(r"[我咱俺](?!国|省|市|县|区|州|院)|[你您]")
_MIN_CHARS = 16
_NEVER = 100.0  # price of a sentence that is taken where there is no other
_SECOND = (1, 2)  # behind the headline, or the scene that opens a story


@dataclass(frozen=True)
class Weights:
    """Weights of the objective.

    Most are the mean of two searches on marked key sentences: both saw only the corpus
    and the pointers to real articles, but that their mean was kept was decided with dev scores in
    sight. `deed`, `second` and `redundancy` were set on the pointers alone, where a later search
    over all found nothing better. `fill`, `dependent`, `personal`, `lost`, `broken` and `thin` are
    set for reading, not for likeness.
    `salience` is per standard deviation of the article's own sentences, so that the weights
    outlive a retraining; `char`, less `fill` while a summary is thin, is the price of a hundred
    characters.
    """

    salience: float = 1.0
    lead: float = 0.25
    early: float = 0.15
    common: float = 0.4
    evidence: float = 0.5
    figure: float = 1.0
    redundancy: float = 3.0
    char: float = 1.2
    fill: float = 3.0
    bias: float = -0.5
    dependent: float = 1.0
    personal: float = 0.7
    lost: float = 4.0
    broken: float = 3.0
    deed: float = 0.5
    thin: float = 2.0
    second: float = 0.3


@dataclass(frozen=True)
class Worth:
    """Worth of every sentence, shape (sentences,), and what pairs of sentences share.

    `standing` is the encoder's salience in standard deviations. `supports` holds, for a sentence
    that needs one before it, those of which one must be there; none for the rest. `likeness`
    (sentences, sentences) is 0 for unlike ones.
    """

    total: FloatArray
    standing: FloatArray
    supports: Mapping[int, frozenset[int]]
    likeness: FloatArray


def weigh(
    article: Article,
    encoded: EncodedArticle,
    versions: Sequence[Version],
    evidence: Sequence[frozenset[int]],
    figure_rows: Sequence[int],
    weights: Weights,
) -> Worth:
    """Weigh every sentence by salience, place, theme and figures.

    Args:
        article: the article.
        encoded: the encoder's view of it.
        versions: each sentence as the rules leave it.
        evidence: the sentences that carry each accepted theme.
        figure_rows: the sentence of each key figure.
        weights: weights of the objective.
    """
    standing = standardise_salience(article, encoded)
    n = len(article.sentences)
    words = [_words(article, version) for version in versions]
    total = weights.salience * standing + weights.bias
    total[sorted(frozenset[int]().union(*evidence))] += weights.evidence
    total[sorted(set(figure_rows))] += weights.figure
    total -= weights.personal * np.array([_FIRST_PERSON.search(w) is not None for w in words])
    ends = _COMPLETE if _SENTENCE_END.search(article.text) else _ANY_END
    whole = [_is_whole(w, ends) and not _is_torn(v) for w, v in zip(words, versions, strict=True)]
    total -= weights.broken * ~np.array(whole)
    total -= _NEVER * np.array([is_dateline(w) for w in words])
    thin = [_THIN.match(w) is not None for w in words]
    total -= weights.thin * np.array(thin)
    total[: _find_credit(versions)] -= weights.broken
    total += weights.deed * np.array([_DEED.search(w) is not None for w in words])
    place = np.arange(n, dtype=np.float32)
    total += weights.second * np.isin(place, _SECOND)
    total += weights.lead / (1 + place) + weights.early * (1 - place / n)
    total += weights.common * _standardise(_commonness(words))
    return Worth(total, standing, _find_supports(words), _likeness(article, encoded, words))


def _find_credit(versions: Sequence[Version]) -> int:
    """The sentence with the credit; what stands before it is headline and caption."""
    opened = [
        row
        for row, version in enumerate(versions[:HEAD_SENTENCES])
        for cut in version.excerpt.cuts
        if cut.rule == CREDIT_RULE
    ]
    return max(opened, default=0)


def _find_supports(words: Sequence[str]) -> dict[int, frozenset[int]]:
    """Which sentences need one before them, and which would do."""
    found = {}
    for i, sentence in enumerate(words):
        refers = _REFERS.search(sentence)
        named = re.compile(_NAMED + refers["kind"]) if refers else None
        if named and refers and not named.search(sentence[: refers.start()]):
            found[i] = frozenset(j for j in range(i) if named.search(words[j]))
        elif _DEPENDENT.match(sentence) or _PERSON.match(sentence):
            found[i] = frozenset((i - 1,))
    return found


def standardise_salience(article: Article, encoded: EncodedArticle) -> FloatArray:
    """Return each sentence's salience in standard deviations from the article's mean.

    A sentence cut into segments takes its highest.
    """
    salience = np.full(len(article.sentences), -np.inf, dtype=np.float32)
    np.maximum.at(salience, list(encoded.sentences), encoded.salience)
    known = np.isfinite(salience)
    salience[~known] = salience[known].min()
    standing: FloatArray = (salience - salience.mean()) / max(float(salience.std()), 0.5)
    return standing


def _standardise(values: FloatArray) -> FloatArray:
    standard: FloatArray = (values - values.mean()) / max(float(values.std()), 1e-6)
    return standard


def _commonness(words: Sequence[str]) -> FloatArray:
    """Share of each sentence's pairs of characters that other sentences have too."""
    pairs = [_pairs(w) for w in words]
    counts = Counter(pair for some in pairs for pair in some)
    shares = [sum(counts[p] > 1 for p in some) / max(len(some), 1) for some in pairs]
    return np.array(shares, dtype=np.float32)


def _words(article: Article, version: Version) -> str:
    return "".join(span.of(article.text) for span in version.excerpt.kept)


def _is_whole(words: str, ends: re.Pattern[str]) -> bool:
    said = _SPEAKER.match(words) is not None
    whole = len(words) >= _MIN_CHARS and ends.search(words) is not None
    return whole and not said


def _is_torn(version: Version) -> bool:
    """A quotation that began before, or goes on behind."""
    return any(cut.rule == UNPAIRED_RULE for cut in version.excerpt.cuts)


def _likeness(article: Article, encoded: EncodedArticle, words: Sequence[str]) -> FloatArray:
    """How much pairs of sentences share: in meaning, or in words, whichever is more.

    In meaning it is the cosine of their vectors, centred on the article's mean so that likeness
    stands out; in words, the share of the shorter one's pairs of characters.
    """
    vectors = np.zeros((len(article.sentences), encoded.vectors.shape[1]), dtype=np.float32)
    np.add.at(vectors, list(encoded.sentences), encoded.vectors)
    centred = vectors - vectors.mean(axis=0)
    length = np.linalg.norm(centred, axis=1, keepdims=True)
    unit = centred / np.maximum(length, 1e-6)
    likeness: FloatArray = np.maximum(unit @ unit.T, _overlap(words))
    return likeness


def _overlap(words: Sequence[str]) -> FloatArray:
    pairs = [_pairs(w) for w in words]
    columns = {pair: i for i, pair in enumerate(frozenset[str]().union(*pairs))}
    has = np.zeros((len(words), len(columns)), dtype=np.float32)
    for row, some in enumerate(pairs):
        has[row, [columns[pair] for pair in some]] = 1
    count = has.sum(axis=1)
    shares: FloatArray = has @ has.T / np.maximum(np.minimum.outer(count, count), 1)
    return shares


def _pairs(words: str) -> frozenset[str]:
    return frozenset(map("".join, pairwise(words)))
