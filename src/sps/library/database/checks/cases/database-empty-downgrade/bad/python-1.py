from alembic import op


def upgrade():
    op.drop_column("users", "nickname")


def downgrade():
    pass
