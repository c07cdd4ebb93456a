"""Ordering: suppliers, what comes from them, levels, and orders."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "supplier",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("email", sa.String(length=200), nullable=False),
        sa.Column("copy_to", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("lead_days", sa.Integer(), nullable=False),
        sa.Column("review", sa.String(length=60), nullable=False),
        sa.Column("cutoff_hour", sa.Integer(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("template", sa.String(length=100), nullable=False),
        sa.CheckConstraint("cutoff_hour BETWEEN 0 AND 24", name=op.f("ck_supplier_cutoff_hour")),
        sa.CheckConstraint("lead_days BETWEEN 0 AND 365", name=op.f("ck_supplier_lead_days")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_supplier")),
        sa.UniqueConstraint("name", name=op.f("uq_supplier_name")),
    )
    op.create_table(
        "item_level",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reorder_point", sa.BigInteger(), nullable=False),
        sa.Column("order_up_to", sa.BigInteger(), nullable=False),
        sa.Column("fixed", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("daily", sa.Double(), nullable=False),
        sa.Column("spread", sa.Double(), nullable=False),
        sa.Column("known_days", sa.Integer(), nullable=False),
        sa.Column("computed_on", sa.Date(), nullable=False),
        sa.CheckConstraint(
            "0 <= reorder_point AND reorder_point <= order_up_to", name=op.f("ck_item_level_levels")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_level_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_level")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplier_closed",
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("first", sa.Date(), nullable=False),
        sa.Column("last", sa.Date(), nullable=False),
        sa.CheckConstraint("first <= last", name=op.f("ck_supplier_closed_period")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_closed_supplier_id")
        ),
        sa.PrimaryKeyConstraint("supplier_id", "first", name=op.f("pk_supplier_closed")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "supplier_item",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("reference", sa.String(length=60), nullable=False),
        sa.Column("multiple", sa.BigInteger(), nullable=False),
        sa.Column("minimum", sa.BigInteger(), nullable=False),
        sa.Column("quota", sa.BigInteger(), nullable=True),
        sa.Column("essential", sa.Boolean(), nullable=False),
        sa.CheckConstraint("minimum >= 0", name=op.f("ck_supplier_item_minimum")),
        sa.CheckConstraint("multiple > 0", name=op.f("ck_supplier_item_multiple")),
        sa.CheckConstraint("quota > 0", name=op.f("ck_supplier_item_quota")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_supplier_item_item_id")),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_supplier_item_supplier_id")
        ),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_supplier_item")),
        sqlite_with_rowid=False,
    )
    op.create_index(
        op.f("ix_supplier_item_supplier_id"), "supplier_item", ["supplier_id"], unique=False
    )
    unsent = sa.text("status IN ('draft', 'approved')")
    op.create_table(
        "purchase",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column(
            "supplier_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("drafted_on", sa.Date(), nullable=False),
        sa.Column("sent_on", sa.Date(), nullable=True),
        sa.Column("taken_on", sa.Date(), nullable=True),
        sa.Column("expected_on", sa.Date(), nullable=True),
        sa.Column("closed_on", sa.Date(), nullable=True),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["supplier_id"], ["supplier.id"], name=op.f("fk_purchase_supplier_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase")),
        sa.UniqueConstraint("number", name=op.f("uq_purchase_number")),
    )
    op.create_index(op.f("ix_purchase_supplier_id"), "purchase", ["supplier_id"], unique=False)
    op.create_index(
        "uq_purchase_open",
        "purchase",
        ["supplier_id"],
        unique=True,
        sqlite_where=unsent,
        postgresql_where=unsent,
    )
    op.create_table(
        "purchase_event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_event_purchase_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_event")),
    )
    op.create_index(
        op.f("ix_purchase_event_purchase_id"), "purchase_event", ["purchase_id"], unique=False
    )
    op.create_table(
        "purchase_line",
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("suggested", sa.BigInteger(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("by_hand", sa.Boolean(), nullable=False),
        sa.Column("note", sa.String(length=200), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_purchase_line_pieces")),
        sa.CheckConstraint("received >= 0", name=op.f("ck_purchase_line_received")),
        sa.CheckConstraint(
            "wanted >= suggested AND suggested >= 0", name=op.f("ck_purchase_line_suggested")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_purchase_line_item_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_line_purchase_id")
        ),
        sa.PrimaryKeyConstraint("purchase_id", "item_id", name=op.f("pk_purchase_line")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_purchase_line_item_id"), "purchase_line", ["item_id"], unique=False)
    op.create_table(
        "purchase_arrival",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "purchase_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("booking_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("condition", sa.String(length=20), nullable=False),
        sa.Column("refused", sa.Boolean(), nullable=False),
        sa.Column("announced", sa.Boolean(), nullable=False),
        sa.CheckConstraint("pieces > 0", name=op.f("ck_purchase_arrival_pieces")),
        sa.ForeignKeyConstraint(
            ["booking_id"], ["booking.id"], name=op.f("fk_purchase_arrival_booking_id")
        ),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_purchase_arrival_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_purchase_arrival_lot_id")),
        sa.ForeignKeyConstraint(
            ["purchase_id"], ["purchase.id"], name=op.f("fk_purchase_arrival_purchase_id")
        ),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_purchase_arrival_receipt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_purchase_arrival")),
    )
    op.create_index(
        op.f("ix_purchase_arrival_booking_id"), "purchase_arrival", ["booking_id"], unique=False
    )
    op.create_index(
        op.f("ix_purchase_arrival_purchase_id"), "purchase_arrival", ["purchase_id"], unique=False
    )

    op.create_table(
        "mail",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("way", sa.String(length=10), nullable=False),
        sa.Column("about", sa.String(length=120), nullable=True),
        sa.Column("recipients", sa.String(length=2000), nullable=False),
        sa.Column("copy_to", sa.String(length=200), nullable=False),
        sa.Column("pending", sa.String(length=2200), nullable=False),
        sa.Column("refused", sa.String(length=2200), nullable=False),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("doubtful", sa.Boolean(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("said", sa.String(length=300), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail")),
        sa.UniqueConstraint("about", name=op.f("uq_mail_about")),
    )
    op.create_index(op.f("ix_mail_next_at"), "mail", ["next_at"], unique=False)
    op.create_table(
        "mail_file",
        sa.Column("mail_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("type", sa.String(length=100), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["mail_id"], ["mail.id"], name=op.f("fk_mail_file_mail_id")),
        sa.PrimaryKeyConstraint("mail_id", "name", name=op.f("pk_mail_file")),
    )
    op.create_table(
        "alert",
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("told_day", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alert")),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    op.drop_table("alert")
    op.drop_table("mail_file")
    op.drop_index(op.f("ix_mail_next_at"), table_name="mail")
    op.drop_table("mail")
    op.drop_index(op.f("ix_purchase_arrival_purchase_id"), table_name="purchase_arrival")
    op.drop_index(op.f("ix_purchase_arrival_booking_id"), table_name="purchase_arrival")
    op.drop_table("purchase_arrival")
    op.drop_index(op.f("ix_purchase_line_item_id"), table_name="purchase_line")
    op.drop_table("purchase_line")
    op.drop_index(op.f("ix_purchase_event_purchase_id"), table_name="purchase_event")
    op.drop_table("purchase_event")
    op.drop_index("uq_purchase_open", table_name="purchase")
    op.drop_index(op.f("ix_purchase_supplier_id"), table_name="purchase")
    op.drop_table("purchase")
    op.drop_index(op.f("ix_supplier_item_supplier_id"), table_name="supplier_item")
    op.drop_table("supplier_item")
    op.drop_table("supplier_closed")
    op.drop_table("item_level")
    op.drop_table("supplier")
