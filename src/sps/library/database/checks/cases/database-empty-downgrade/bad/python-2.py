from alembic import op


def upgrade() -> None:
    """Remove it."""
    op.drop_table("old_sessions")


def downgrade() -> None:
    """Nothing."""
    pass
