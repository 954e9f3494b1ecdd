"""The encoder's time by kind of operator."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

from model.network import to_inputs
from model.runtimes import profile_operators
from model.windows import Batch

_PRODUCTS = "权重乘法（8 位，连同激活的取整）"
# Names that OpenVINO and ONNX Runtime give operators; others take less than 1% of the time.
KINDS = {
    "FullyConnectedCompressed": _PRODUCTS,
    "MatMulNBits": _PRODUCTS,
    "Subgraph": "注意力（float32）",
    "MatMul": "注意力（float32）",
    "FusedMatMul": "注意力（float32）",
    "Softmax": "注意力（float32）",
    "Transpose": "注意力的重排",
    "Gather": "注意力的重排",
    "MVN": "层归一化",
    "MulAdd": "层归一化",
    "LayerNormalization": "层归一化",
    "SkipLayerNormalization": "层归一化",
    "Add": "相加",
    "GatherCompressed": "词表（4 位）",
    "GatherBlockQuantized": "词表（4 位）",
}
OTHERS, BETWEEN = "其余运算", "运算之间"
_N_ROUNDS = 3


@dataclass(frozen=True)
class OperatorTimes:
    """Shares of the network's time by kind of operator, and the share of padding in attention.

    `products_s` is the time of the products with weights, in seconds, for `n_tokens` tokens.
    """

    shares: dict[str, float]
    products_s: float
    n_tokens: int
    padding: float


def time_operators(network: Path, batches: list[Batch]) -> OperatorTimes:
    """Run batches several times with the runtime's profiling on."""
    profile = profile_operators(network, [to_inputs(batch) for batch in batches * _N_ROUNDS])
    seconds: defaultdict[str, float] = defaultdict(float)
    for operator, taken_s in profile.operators_s.items():
        seconds[KINDS.get(operator, OTHERS)] += taken_s
    total_s = profile.total_s
    seconds[BETWEEN] = total_s - sum(seconds.values())
    n_tokens = sum(batch.ids.size for batch in batches)
    return OperatorTimes(
        shares={
            kind: seconds[kind] / total_s for kind in sorted(seconds, key=lambda k: -seconds[k])
        },
        products_s=seconds[_PRODUCTS] / _N_ROUNDS,
        n_tokens=n_tokens,
        padding=1 - n_tokens / sum(batch.slots.size for batch in batches),
    )
