"""Coverage: what share of a text's tokens the trimmed vocabulary does not know.

usage: python -m training.encoder.coverage ARTICLES.jsonl
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from tokenizers import Tokenizer

from data.readers import read_inputs
from model import Article
from training.encoder.packed_base import SPECIAL, PackedBase, packed_path


def unknown_share(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    """Return the share of `<unk>` among the tokens of cleaned texts."""
    unknown = SPECIAL.index("<unk>")
    ids = [i for encoding in tokenizer.encode_batch(list(texts)) for i in encoding.ids]
    return ids.count(unknown) / max(len(ids), 1)


def main(inputs: Sequence[str]) -> None:
    """Print the share for the articles of files."""
    texts = [item.text for item in read_inputs(inputs) if isinstance(item, Article)]
    tokenizer = PackedBase.read(packed_path()).trim().to_tokenizer()
    sys.stdout.write(f"{unknown_share(tokenizer, texts):.4%} of tokens in {len(texts)} articles\n")


if __name__ == "__main__":
    main(sys.argv[1:])
