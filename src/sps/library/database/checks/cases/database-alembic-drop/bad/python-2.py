from alembic import op


def upgrade():
    if True:
        op.drop_table("old_sessions")
