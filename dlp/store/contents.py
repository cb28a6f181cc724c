"""The bytes of kept copies, in rows: inserted, read back whole, erased.

Takes packed contents, gives exactly the bytes that went in or `Damaged`. Erasing deletes the wrapped key and the chunks
and leaves the row, which says that there was something; it happens as soon as no copy needs the bytes any more.
"""

from __future__ import annotations

from sqlalchemy import delete, insert, select, update

from dlp.store.schema import content, content_chunk, copy
from dlp.store.sealing import VERSION, Packed, unpack
from dlp.store.states import NEEDS_NO_CONTENT, ContentRole, Damaged
from dlp.store.work import Work


def add(work: Work, packed: Packed) -> None:
    work.connection.execute(
        insert(content).values(
            id=packed.id,
            message=packed.message,
            role=packed.role,
            fingerprint=packed.fingerprint,
            size=packed.size,
            version=VERSION,
            wrapped_key=packed.wrapped_key,
        )
    )
    for n, data in enumerate(packed.chunks):
        work.connection.execute(insert(content_chunk).values(content=packed.id, n=n, data=data))


def read(work: Work, identity: str) -> bytes:
    """The whole content. Damaged when anything about it is not as it was stored, or when it was erased."""
    row = work.connection.execute(select(content).where(content.c.id == identity)).one_or_none()
    if row is None or row.wrapped_key is None or row.version != VERSION:
        raise Damaged
    chunks = select(content_chunk.c.data).where(content_chunk.c.content == identity).order_by(content_chunk.c.n)
    return unpack(
        work.keys,
        Packed(
            id=row.id,
            message=row.message,
            role=ContentRole(row.role),
            fingerprint=row.fingerprint,
            size=row.size,
            wrapped_key=row.wrapped_key,
            chunks=tuple(work.connection.scalars(chunks)),
        ),
    )


def erase_unused(work: Work, identity: str | None) -> None:
    """Erase the content unless some copy still needs it."""
    if identity is None:
        return
    # two copies that share it may end at once: the later one sees how the earlier one ended
    work.connection.execute(select(content.c.id).where(content.c.id == identity).with_for_update())
    needed = select(copy.c.id).where(copy.c.content == identity, copy.c.state.not_in(NEEDS_NO_CONTENT)).limit(1)
    if work.connection.scalar(needed) is None:
        work.connection.execute(delete(content_chunk).where(content_chunk.c.content == identity))
        work.connection.execute(update(content).where(content.c.id == identity).values(wrapped_key=None))
