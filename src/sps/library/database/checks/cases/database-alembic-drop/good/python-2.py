from alembic import op


def upgrade():
    op.drop_index("users_nickname_idx")


def downgrade():
    op.drop_table("users")
