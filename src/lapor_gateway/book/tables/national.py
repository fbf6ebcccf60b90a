"""What LAPOR! has beside complaints: its master lists, and the files that complaints brought along."""

from sqlalchemy import BigInteger, Column, Integer, LargeBinary, Table, Text, UniqueConstraint

from lapor_gateway.book.tables.columns import metadata, work_list

masters = Table(
    "masters",
    metadata,
    Column("account", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True, comment="its id at LAPOR!; a template's code"),
    Column("name", Text, nullable=False),
    Column("content", Text, nullable=False, comment="a template's text"),
    Column("first_seen_at", BigInteger, nullable=False),
    Column("changed_at", BigInteger, nullable=False, comment="when its name or text last changed"),
    Column("gone_at", BigInteger, comment="when a whole list no longer showed it"),
    comment="rows of LAPOR!'s master lists; never deleted, since history names them",
)

master_lists = Table(
    "master_lists",
    metadata,
    Column("account", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("fetched_at", BigInteger, comment="when it was last read to its end"),
    Column("tried_at", BigInteger, nullable=False),
    Column("trouble", Text, comment="why the last try failed"),
    comment="how old each master list is",
)

attachments = Table(
    "attachments",
    metadata,
    Column("complaint", BigInteger, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("mark", LargeBinary, nullable=False, comment="keyed digest of its address at the source"),
    Column(
        "source",
        LargeBinary,
        nullable=False,
        comment="address and name at the source, under the complaint's data key; empty once erased",
    ),
    Column("state", Text, nullable=False, comment="waiting, kept, uploaded, failed, erased"),
    Column("reason", Text, comment="the rule that it broke, or what the last try met"),
    Column("media_type", Text, comment="by its content"),
    Column("size", BigInteger, comment="bytes, cleaned"),
    Column("digest", Text, comment="of the cleaned content, keyed by the complaint's data key"),
    Column("blob", Text, comment="its name in the file store, where it lies under the data key"),
    Column("national_id", Text, comment="its id at LAPOR! after the upload"),
    Column("tries", Integer, nullable=False),
    Column("next_try_at", BigInteger, nullable=False),
    Column("since", BigInteger, nullable=False, comment="when it was first wanted"),
    UniqueConstraint("complaint", "mark"),
)

work_list("ix_attachments_work", "state IN ('waiting', 'kept')", attachments.c.next_try_at)
