from alembic import op


def upgrade():
    op.execute("ALTER TYPE state ADD VALUE 'held'")


def downgrade():
    raise NotImplementedError("a value of an enum cannot be removed")
