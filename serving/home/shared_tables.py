"""Tables of what several servers share: batches with their files and lines, turns, replies.

A change to one needs a migration. Names of tables and columns are what databases have; they stay.
Times that programs compare are seconds since 1970 by the clock of the database.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, UniqueConstraint
from sqlmodel import Field, SQLModel

from serving.home.schema import ACTIVE


class SharedBatchRow(SQLModel, table=True):
    """A batch that any server may do; the server that does it holds a lease.

    `key` is the Idempotency-Key that it came with, `digest` a hash of what came. `token` counts
    the leases there were: who comes with an older one has lost the batch. `tries` counts those
    since the last new line. `fingerprint` names the model and code that its lines are from.
    """

    __tablename__ = "shared_batch"
    __table_args__ = (UniqueConstraint("owner", "key"),)

    id: str = Field(primary_key=True)
    owner: str = Field(index=True)
    key: str | None = None
    digest: str
    name: str
    state: str = Field(index=True)
    created: datetime
    finished: datetime | None = None
    n_files: int
    n_expected: int | None = None
    n_tagged: int = 0
    n_reposts: int = 0
    n_failed: int = 0
    n_lines: int = 0
    message: str = ""
    model: str
    fingerprint: str = ""
    holder: str = ""
    token: int = 0
    tries: int = 0
    lease_until: float = 0.0

    @property
    def is_active(self) -> bool:
        """Whether it will change by itself."""
        return self.state in ACTIVE


class SharedFileRow(SQLModel, table=True):
    """A part of a file of a batch: files are counted from 0, and the parts of each."""

    __tablename__ = "shared_file"

    batch: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    part: int = Field(primary_key=True)
    name: str
    content: bytes


class SharedLineRow(SQLModel, table=True):
    """A line of the results of a batch, counted from 0: a report in JSON, with its line end."""

    __tablename__ = "shared_line"

    batch: str = Field(primary_key=True)
    number: int = Field(primary_key=True)
    line: bytes


class KeyCountRow(SQLModel, table=True):
    """How many calls of a key were counted."""

    __tablename__ = "api_count"

    key_id: str = Field(primary_key=True)
    n_calls: int = Field(sa_type=BigInteger)


class KeyUseRow(SQLModel, table=True):
    """When a key was used: the last calls that its limit allows, in a ring."""

    __tablename__ = "api_use"

    key_id: str = Field(primary_key=True)
    slot: int = Field(primary_key=True)
    at: float


class KeptReplyRow(SQLModel, table=True):
    """The reply to a request by its Idempotency-Key; None while the request is under way."""

    __tablename__ = "api_reply"

    owner: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    digest: str
    begun: float = Field(index=True)
    reply: bytes | None = None


SHARED_TABLES = (
    SharedBatchRow,
    SharedFileRow,
    SharedLineRow,
    KeyCountRow,
    KeyUseRow,
    KeptReplyRow,
)
