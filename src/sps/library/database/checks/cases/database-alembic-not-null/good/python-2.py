import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.drop_column("orders", "old_rate")
    op.create_table("rates", sa.Column("id", sa.BigInteger(), nullable=False))
    op.add_column("rates", sa.Column("total", sa.Integer(), sa.Computed("a + b"), nullable=False))


def downgrade() -> None:
    op.add_column("orders", sa.Column("old_rate", sa.Integer(), nullable=False))
