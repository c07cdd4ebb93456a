"""Scanners: the speed of a serial port."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    speed = sa.Column("baud", sa.Integer(), server_default="9600", nullable=False)
    op.add_column("scanner", speed)


def downgrade() -> None:
    op.drop_column("scanner", "baud")
