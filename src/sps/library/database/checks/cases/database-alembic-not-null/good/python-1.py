import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.add_column("orders", sa.Column("currency", sa.Text(), nullable=False, server_default="EUR"))
    op.add_column("orders", sa.Column("note", sa.Text(), nullable=True))
