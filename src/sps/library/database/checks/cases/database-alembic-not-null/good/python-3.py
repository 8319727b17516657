import sqlalchemy as sa
from alembic import op


def upgrade() -> None:
    op.execute("DELETE FROM render_cache")
    op.add_column("render_cache", sa.Column("owner", sa.Text(), nullable=False))
