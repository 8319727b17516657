from alembic import op


def upgrade():
    op.execute("ANALYZE orders")


def downgrade():
    # Statistics need no reverse.
    pass
