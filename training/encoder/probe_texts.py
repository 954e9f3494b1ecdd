"""Texts of the probe: invented sentences of several lengths, clear and borderline ones."""

from __future__ import annotations

from model.drift import probe_logits
from model.encoder import Encoder
from model.manifest import Probe

TEXTS = (
    "县医院和乡镇卫生院结成医共体，派驻医师每周坐诊三天。",
    "家庭医生上门给高血压老人量血压、送药，指标不好的当天转到县医院调整用药。",
    "影像科用上了人工智能读片，结果经平台传到村卫生室，各家医院互认。",
)
_DIGITS = 4


def make_probe(encoder: Encoder) -> Probe:
    """Make the probe of a network in its shipped form."""
    logits = probe_logits(encoder, TEXTS)
    return Probe(TEXTS, tuple(tuple(round(float(x), _DIGITS) for x in row) for row in logits))
