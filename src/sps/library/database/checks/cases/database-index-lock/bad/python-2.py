from alembic import op
from sqlalchemy.dialects import postgresql


def upgrade():
    op.create_index(op.f("ix_docs_body"), "docs", ["body"], unique=False, postgresql_using="gin")
