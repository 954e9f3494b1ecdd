"""Coverage: the share of tokens that the trimmed vocabulary lacks.

`python -m training.encoder.coverage ARTICLES.jsonl`
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import typer
from tokenizers import Tokenizer

from data.command import run_command
from data.readers import read_inputs
from model import Article
from training.encoder.packed_base import SPECIAL, PackedBase, packed_path


def unknown_share(tokenizer: Tokenizer, texts: Sequence[str]) -> float:
    """Return the share of `<unk>` among the tokens of cleaned texts."""
    unknown = SPECIAL.index("<unk>")
    ids = [i for encoding in tokenizer.encode_batch(list(texts)) for i in encoding.ids]
    return ids.count(unknown) / max(len(ids), 1)


def main(
    inputs: Annotated[list[str], typer.Argument(help="Files or folders of articles.")],
) -> None:
    """Print the share of tokens that the trimmed vocabulary lacks."""
    texts = [item.text for item in read_inputs(inputs) if isinstance(item, Article)]
    tokenizer = PackedBase.read(packed_path()).trim().to_tokenizer()
    typer.echo(f"{unknown_share(tokenizer, texts):.4%} of tokens in {len(texts)} articles")


if __name__ == "__main__":
    run_command(main)
