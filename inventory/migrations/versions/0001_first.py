"""The lists, the ledger and the open evening, with the places every organisation has."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

FIXED_PLACES = (
    "unaccounted",
    "supplier",
    "opening",
    "donation",
    "found",
    "disposed",
    "lost",
    "handed-out",
    "assembly",
    "borrowed",
)

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "item",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name_fr", sa.String(length=200), nullable=False),
        sa.Column("name_nl", sa.String(length=200), nullable=False),
        sa.Column("name_en", sa.String(length=200), nullable=False),
        sa.Column("family", sa.String(length=40), nullable=False),
        sa.Column("counts_as", sa.String(length=40), nullable=False),
        sa.Column("regulatory_class", sa.String(length=40), nullable=False),
        sa.Column("shelf_life_months", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item")),
        sa.UniqueConstraint("code", name=op.f("uq_item_code")),
    )
    op.create_table(
        "item_name",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("language", sa.String(length=20), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_name_item_id_item")),
        sa.PrimaryKeyConstraint("item_id", "language", name=op.f("pk_item_name")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("last_run_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_job_run")),
    )
    op.create_table(
        "place",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_place")),
        sa.UniqueConstraint("code", name=op.f("uq_place_code")),
    )
    op.create_table(
        "person",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("role", sa.String(length=20), nullable=False),
        sa.Column("pin_hash", sa.String(length=200), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_person_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("name", name=op.f("uq_person_name")),
    )
    op.create_table(
        "badge",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_badge_person_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_badge")),
        sa.UniqueConstraint("person_id", name=op.f("uq_badge_person_id")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "read_seen",
        sa.Column("hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.Column("month", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_read_seen")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "setting",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_setting")),
    )
    op.create_table(
        "lot",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "code",
            sa.String(length=60).with_variant(sa.String(length=60, collation="C"), "postgresql"),
            nullable=False,
        ),
        sa.Column("expires", sa.Date(), nullable=True),
        sa.Column("on_hold_since", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_lot_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lot")),
        sa.UniqueConstraint("item_id", "code", name=op.f("uq_lot_item_id_code")),
    )
    op.create_table(
        "pack",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.Column("level", sa.String(length=40), nullable=False),
        sa.Column("gtin", sa.String(length=14), nullable=True),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_pack_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pack")),
        sa.UniqueConstraint("gtin", name=op.f("uq_pack_gtin")),
    )
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_pack_item_id"), ["item_id"], unique=False)

    op.create_table(
        "receipt",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("supplier", sa.String(length=100), nullable=False),
        sa.Column("note", sa.String(length=60), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_boxes", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_receipt_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt")),
        sa.UniqueConstraint("supplier", "note", name=op.f("uq_receipt_supplier_note")),
    )
    op.create_table(
        "opening_exception",
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["place_id"], ["place.id"], name=op.f("fk_opening_exception_place_id")
        ),
        sa.PrimaryKeyConstraint("place_id", "day", name=op.f("pk_opening_exception")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "usual_opening",
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("weekday", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_usual_opening_weekday")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_usual_opening_place_id")),
        sa.PrimaryKeyConstraint("place_id", "weekday", name=op.f("pk_usual_opening")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "recipe",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recipe_item_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recipe")),
        sa.UniqueConstraint("item_id", "version", name=op.f("uq_recipe_item_id_version")),
    )
    op.create_table(
        "set_aside",
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_set_aside_place_id")),
        sa.PrimaryKeyConstraint("code", "day", "place_id", name=op.f("pk_set_aside")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "sign_in",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("by_badge", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_sign_in_person_id")),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_sign_in")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sign_in_person_id"), ["person_id"], unique=False)

    op.create_table(
        "station",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("printer", sa.String(length=200), nullable=False),
        sa.Column("paper_mm", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("code_page", sa.String(length=20), nullable=False),
        sa.Column("opened_on", sa.Date(), nullable=True),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.Column("driven_here", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_station_place_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_station")),
        sa.UniqueConstraint("name", name=op.f("uq_station_name")),
    )
    op.create_table(
        "unknown_code",
        sa.Column("gtin", sa.String(length=14), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_unknown_code_place_id")),
        sa.PrimaryKeyConstraint("gtin", "day", "place_id", "channel", name=op.f("pk_unknown_code")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "assembly",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kits", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_assembly_lot_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["recipe.id"], name=op.f("fk_assembly_recipe_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assembly")),
        sa.UniqueConstraint("lot_id", name=op.f("uq_assembly_lot_id")),
    )
    with op.batch_alter_table("assembly", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assembly_recipe_id"), ["recipe_id"], unique=False)

    op.create_table(
        "item_photo",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("hash", sa.String(length=16), nullable=False),
        sa.Column("image", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_item_photo_item_id")),
        sa.PrimaryKeyConstraint("item_id", name=op.f("pk_item_photo")),
    )
    op.create_table(
        "place_item",
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("level", sa.Integer(), nullable=True),
        sa.CheckConstraint("level > 0", name=op.f("ck_place_item_level")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_place_item_position")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_place_item_item_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_place_item_place_id")),
        sa.PrimaryKeyConstraint("place_id", "item_id", name=op.f("pk_place_item")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "balance",
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pieces >= 0 OR place_id = 1", name=op.f("ck_balance_not_below_zero")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_balance_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_balance_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_balance_place_id")),
        sa.PrimaryKeyConstraint("place_id", "item_id", "lot_id", name=op.f("pk_balance")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "receipt_line",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_receipt_line_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_receipt_line_lot_id")),
        sa.ForeignKeyConstraint(
            ["receipt_id"], ["receipt.id"], name=op.f("fk_receipt_line_receipt_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_receipt_line")),
    )
    with op.batch_alter_table("receipt_line", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_receipt_line_item_id_lot_id"), ["item_id", "lot_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_receipt_line_receipt_id"), ["receipt_id"], unique=False
        )

    op.create_table(
        "recipe_line",
        sa.Column(
            "recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_recipe_line_item_id")),
        sa.ForeignKeyConstraint(
            ["recipe_id"], ["recipe.id"], name=op.f("fk_recipe_line_recipe_id")
        ),
        sa.PrimaryKeyConstraint("recipe_id", "item_id", name=op.f("pk_recipe_line")),
    )
    op.create_table(
        "shift",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("channel", sa.String(length=60), nullable=False),
        sa.Column("project", sa.String(length=60), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("from_sheet", sa.Boolean(), nullable=False),
        sa.Column("passages_by_hand", sa.Boolean(), nullable=False),
        sa.Column("taken_back", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_shift_place_id")),
        sa.ForeignKeyConstraint(["site_id"], ["place.id"], name=op.f("fk_shift_site_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_shift_station_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_shift")),
    )
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_shift_day"), ["day"], unique=False)
        batch_op.create_index(
            "uq_shift_open",
            ["station_id", "day"],
            unique=True,
            sqlite_where=sa.text("station_id IS NOT NULL"),
            postgresql_where=sa.text("station_id IS NOT NULL"),
        )

    op.create_table(
        "pick",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("is_open", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["from_id"], ["place.id"], name=op.f("fk_pick_from_id")),
        sa.ForeignKeyConstraint(["to_id"], ["place.id"], name=op.f("fk_pick_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pick")),
    )
    with op.batch_alter_table("pick", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pick_from_id_to_id"), ["from_id", "to_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_pick_to_id"), ["to_id"], unique=False)

    op.create_table(
        "pick_line",
        sa.Column("pick_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("wanted", sa.BigInteger(), nullable=False),
        sa.Column("picked", sa.BigInteger(), nullable=False),
        sa.Column("arrived", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("picked >= 0 AND arrived >= 0", name=op.f("ck_pick_line_read")),
        sa.CheckConstraint("wanted > 0", name=op.f("ck_pick_line_wanted")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_pick_line_item_id")),
        sa.ForeignKeyConstraint(["pick_id"], ["pick.id"], name=op.f("fk_pick_line_pick_id")),
        sa.PrimaryKeyConstraint("pick_id", "item_id", name=op.f("pk_pick_line")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "booking",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("content", sa.LargeBinary(length=16), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("undone", sa.Boolean(), nullable=False),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_booking_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_booking_shift_id"), ["shift_id"], unique=False)

    op.create_table(
        "scanner",
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("device", sa.String(length=200), nullable=False),
        sa.Column("keymap", sa.String(length=2), nullable=False),
        sa.Column("double_ms", sa.Integer(), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("suffix", sa.String(length=10), nullable=False),
        sa.Column("separator", sa.String(length=10), nullable=False),
        sa.Column("caps", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_scanner_station_id")),
        sa.PrimaryKeyConstraint("station_id", "name", name=op.f("pk_scanner")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "station_token",
        sa.Column("hash", sa.LargeBinary(length=32), nullable=False),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("device", sa.String(length=60), nullable=False),
        sa.Column("since", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.id"], name=op.f("fk_station_token_station_id")
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_station_token")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("station_token", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_station_token_station_id"), ["station_id"], unique=False
        )

    op.create_table(
        "evening",
        sa.Column(
            "shift_id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("session", sa.Text(), nullable=False),
        sa.Column("opened_at_s", sa.BigInteger(), nullable=False),
        sa.Column("last_read_at_s", sa.BigInteger(), nullable=False),
        sa.Column("joins_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(["joins_id"], ["shift.id"], name=op.f("fk_evening_joins_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_evening_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_evening")),
    )
    op.create_table(
        "hold",
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("read_id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("checked", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("pieces >= 0", name=op.f("ck_hold_pieces")),
        sa.ForeignKeyConstraint(["from_id"], ["place.id"], name=op.f("fk_hold_from_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_hold_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_hold_lot_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_hold_shift_id")),
        sa.ForeignKeyConstraint(["to_id"], ["place.id"], name=op.f("fk_hold_to_id")),
        sa.PrimaryKeyConstraint(
            "shift_id", "read_id", "lot_id", "from_id", "to_id", name=op.f("pk_hold")
        ),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.create_index(
            "ix_hold_short",
            ["item_id", "to_id"],
            unique=False,
            sqlite_where=sa.text("from_id = 1"),
            postgresql_where=sa.text("from_id = 1"),
        )

    op.create_table(
        "move",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("pieces", sa.BigInteger(), nullable=False),
        sa.Column("from_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("to_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("site_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("channel", sa.String(length=60), nullable=True),
        sa.Column("project", sa.String(length=60), nullable=True),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "receipt_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column(
            "assembly_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("booking_id", sa.LargeBinary(length=16), nullable=True),
        sa.CheckConstraint("from_id <> to_id", name=op.f("ck_move_somewhere_else")),
        sa.CheckConstraint("pieces > 0", name=op.f("ck_move_pieces")),
        sa.ForeignKeyConstraint(["assembly_id"], ["assembly.id"], name=op.f("fk_move_assembly_id")),
        sa.ForeignKeyConstraint(["booking_id"], ["booking.id"], name=op.f("fk_move_booking_id")),
        sa.ForeignKeyConstraint(["from_id"], ["place.id"], name=op.f("fk_move_from_id")),
        sa.ForeignKeyConstraint(["item_id"], ["item.id"], name=op.f("fk_move_item_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_move_lot_id")),
        sa.ForeignKeyConstraint(["receipt_id"], ["receipt.id"], name=op.f("fk_move_receipt_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_move_shift_id")),
        sa.ForeignKeyConstraint(["site_id"], ["place.id"], name=op.f("fk_move_site_id")),
        sa.ForeignKeyConstraint(["to_id"], ["place.id"], name=op.f("fk_move_to_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_move")),
    )
    with op.batch_alter_table("move", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_move_assembly_id"),
            ["assembly_id"],
            unique=False,
            sqlite_where=sa.text("assembly_id IS NOT NULL"),
            postgresql_where=sa.text("assembly_id IS NOT NULL"),
        )
        batch_op.create_index(
            batch_op.f("ix_move_booking_id"),
            ["booking_id"],
            unique=False,
            sqlite_where=sa.text("booking_id IS NOT NULL"),
            postgresql_where=sa.text("booking_id IS NOT NULL"),
        )
        batch_op.create_index(
            "ix_move_loan",
            ["from_id", "to_id", "item_id"],
            unique=False,
            sqlite_where=sa.text("reason = 'loan'"),
            postgresql_where=sa.text("reason = 'loan'"),
        )
        batch_op.create_index(batch_op.f("ix_move_day"), ["day"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_move_lot_id_to_id_from_id"), ["lot_id", "to_id", "from_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_move_receipt_id"), ["receipt_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_move_shift_id"), ["shift_id"], unique=False)

    op.create_table(
        "read",
        sa.Column("id", sa.LargeBinary(length=16), nullable=False),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("code", sa.Text(), nullable=False),
        sa.Column("status", sa.String(length=10), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_read_shift_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_read")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "closing",
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("closed_at_ms", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_closing_shift_id")),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_closing_station_id")),
        sa.PrimaryKeyConstraint("shift_id", name=op.f("pk_closing")),
        sqlite_with_rowid=False,
    )
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_closing_station_id_day"), ["station_id", "day"], unique=False
        )

    op.create_table(
        "shift_count",
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("what", sa.String(length=30), nullable=False),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_shift_count_shift_id")),
        sa.PrimaryKeyConstraint("shift_id", "what", "hour", name=op.f("pk_shift_count")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "shift_return",
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.String(length=20), nullable=False),
        sa.Column("method", sa.String(length=20), nullable=False),
        sa.Column("unit", sa.String(length=40), nullable=False),
        sa.Column("factor", sa.String(length=40), nullable=False),
        sa.Column("measured", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_shift_return_shift_id")),
        sa.PrimaryKeyConstraint(
            "shift_id", "origin", "method", "unit", "factor", name=op.f("pk_shift_return")
        ),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "print_job",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("shift_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("copies", sa.Integer(), nullable=False),
        sa.Column("what", sa.String(length=20), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("copy", sa.Boolean(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("began_at_s", sa.BigInteger(), nullable=True),
        sa.Column("ended_at_s", sa.BigInteger(), nullable=True),
        sa.Column("asked_at_ms", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "shift_id IS NULL OR lot_id IS NULL", name=op.f("ck_print_job_of_one_thing")
        ),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_print_job_lot_id")),
        sa.ForeignKeyConstraint(["shift_id"], ["shift.id"], name=op.f("fk_print_job_shift_id")),
        sa.ForeignKeyConstraint(
            ["station_id"], ["station.id"], name=op.f("fk_print_job_station_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_print_job")),
    )
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_print_job_station_id"), ["station_id"], unique=False)
    op.create_table(
        "batch",
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "recipe_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("ready", sa.Integer(), nullable=False),
        sa.Column("labels", sa.Integer(), nullable=False),
        sa.CheckConstraint("ready >= 0 AND labels >= 0", name=op.f("ck_batch_counts")),
        sa.ForeignKeyConstraint(["kit_id"], ["item.id"], name=op.f("fk_batch_kit_id")),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_batch_lot_id")),
        sa.ForeignKeyConstraint(["place_id"], ["place.id"], name=op.f("fk_batch_place_id")),
        sa.ForeignKeyConstraint(["recipe_id"], ["recipe.id"], name=op.f("fk_batch_recipe_id")),
        sa.PrimaryKeyConstraint("place_id", "kit_id", name=op.f("pk_batch")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "batch_lot",
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lot_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["lot_id"], ["lot.id"], name=op.f("fk_batch_lot_lot_id")),
        sa.ForeignKeyConstraint(
            ["place_id", "kit_id"],
            ["batch.place_id", "batch.kit_id"],
            name=op.f("fk_batch_lot_place_id_kit_id"),
        ),
        sa.PrimaryKeyConstraint("place_id", "kit_id", "lot_id", name=op.f("pk_batch_lot")),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "bench",
        sa.Column(
            "station_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("place_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("counting", sa.Boolean(), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=True),
        sa.Column("doubted", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["place_id", "kit_id"],
            ["batch.place_id", "batch.kit_id"],
            name=op.f("fk_bench_place_id_kit_id"),
        ),
        sa.ForeignKeyConstraint(["station_id"], ["station.id"], name=op.f("fk_bench_station_id")),
        sa.PrimaryKeyConstraint("station_id", name=op.f("pk_bench")),
        sqlite_with_rowid=False,
    )

    place = sa.table("place", *(sa.column(name) for name in ("code", "name", "kind", "channel")))
    op.bulk_insert(
        place,
        [{"code": code, "name": code, "kind": code, "channel": ""} for code in FIXED_PLACES],
    )

    if op.get_bind().dialect.name == "postgresql":
        # The server samples each table for its planner, and keeps the sample of an evening that is erased.
        for table in ("evening", "read", "hold", "print_job", "batch", "batch_lot", "bench"):
            for column in sa.inspect(op.get_bind()).get_columns(table):
                name = column["name"]
                op.execute(f'ALTER TABLE {table} ALTER COLUMN "{name}" SET STATISTICS 0')


def downgrade() -> None:
    for table in ("bench", "batch_lot", "batch"):
        op.drop_table(table)
    with op.batch_alter_table("print_job", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_print_job_station_id"))

    op.drop_table("print_job")
    op.drop_table("shift_return")
    op.drop_table("shift_count")
    with op.batch_alter_table("closing", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_closing_station_id_day"))

    op.drop_table("closing")
    op.drop_table("read")
    with op.batch_alter_table("move", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_move_shift_id"))
        batch_op.drop_index(batch_op.f("ix_move_receipt_id"))
        batch_op.drop_index(batch_op.f("ix_move_lot_id_to_id_from_id"))
        batch_op.drop_index(batch_op.f("ix_move_day"))
        batch_op.drop_index(batch_op.f("ix_move_assembly_id"))
        batch_op.drop_index("ix_move_loan")
        batch_op.drop_index(batch_op.f("ix_move_booking_id"))

    op.drop_table("move")
    with op.batch_alter_table("hold", schema=None) as batch_op:
        batch_op.drop_index("ix_hold_short")

    op.drop_table("hold")
    op.drop_table("evening")
    with op.batch_alter_table("booking", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_booking_shift_id"))

    op.drop_table("booking")
    op.drop_table("pick_line")
    with op.batch_alter_table("pick", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pick_to_id"))
        batch_op.drop_index(batch_op.f("ix_pick_from_id_to_id"))

    op.drop_table("pick")
    with op.batch_alter_table("station_token", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_station_token_station_id"))

    op.drop_table("scanner")
    op.drop_table("station_token")
    with op.batch_alter_table("shift", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_shift_open",
            sqlite_where=sa.text("station_id IS NOT NULL"),
            postgresql_where=sa.text("station_id IS NOT NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_shift_day"))

    op.drop_table("shift")
    op.drop_table("recipe_line")
    with op.batch_alter_table("receipt_line", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_receipt_line_receipt_id"))
        batch_op.drop_index(batch_op.f("ix_receipt_line_item_id_lot_id"))

    op.drop_table("receipt_line")
    op.drop_table("balance")
    op.drop_table("place_item")
    op.drop_table("item_photo")
    with op.batch_alter_table("assembly", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assembly_recipe_id"))

    op.drop_table("assembly")
    op.drop_table("unknown_code")
    op.drop_table("station")
    with op.batch_alter_table("sign_in", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sign_in_person_id"))

    op.drop_table("sign_in")
    op.drop_table("usual_opening")
    op.drop_table("opening_exception")
    op.drop_table("set_aside")
    op.drop_table("recipe")
    op.drop_table("receipt")
    with op.batch_alter_table("pack", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pack_item_id"))

    op.drop_table("pack")
    op.drop_table("lot")
    op.drop_table("setting")
    op.drop_table("read_seen")
    op.drop_table("badge")
    op.drop_table("person")
    op.drop_table("place")
    op.drop_table("job_run")
    op.drop_table("item_name")
    op.drop_table("item")
