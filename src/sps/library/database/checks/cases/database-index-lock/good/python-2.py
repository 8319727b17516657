from alembic import op
from sqlalchemy.dialects import postgresql
import sqlalchemy as sa


def upgrade():
    op.create_table("docs", sa.Column("body", postgresql.JSONB()))
    op.create_index("ix_docs_body", "docs", ["body"], postgresql_using="gin")
