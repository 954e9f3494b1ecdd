"""Files of reports as facts: read one by one, or each written as a shard of a folder of facts.

For archives beyond one machine the run writes reports as it always does; a Ray task a file then
writes the facts of it, to storage that every machine sees under the same path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from model import InputError
from serving.archive.feed.ray import connect
from serving.atlas.atlas import ArticleFacts
from serving.atlas.facts import merge_facts
from serving.atlas.parquet import shard_of, write_shard
from serving.output.report_tables import read_reports

_NEEDED = frozenset({"text", "figures"})


def read_report_file(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the reports of a file that `yiwen tag` wrote as jsonl or parquet; errors among them.

    Raises:
        InputError: it is no such file, or a table without texts.
    """
    for number, record in enumerate(read_reports(path), 1):
        if "error" not in record and not record.keys() >= _NEEDED:
            raise InputError(
                f"{path} 第 {number} 行没有正文，给不出出处；请用 yiwen tag 写的 jsonl 或 parquet"
            )
        yield record


def write_shards(paths: Sequence[Path], folder: Path, *, on_ray: bool = False) -> int:
    """Write the facts of files of reports into a folder, a shard each; return how many rows.

    Raises:
        InputError: a file cannot be read, the folder cannot be written, or Ray is missing.
    """
    if not on_ray:
        return sum(_write(path, folder) for path in paths)
    connect()
    import ray

    task = ray.remote(_write)
    return sum(ray.get([task.remote(path.resolve(), folder.resolve()) for path in paths]))


def _write(path: Path, folder: Path) -> int:
    articles = map(ArticleFacts.of, read_report_file(path))
    facts = merge_facts(fact for article in articles for fact in article.facts)
    return write_shard(folder, facts, shard_of(path))
