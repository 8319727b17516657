import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    with op.batch_alter_table("orders") as batch_op:
        batch_op.add_column(sa.Column("paid", sa.Boolean(), nullable=False, comment="set by the till"))
