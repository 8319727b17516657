from alembic import op


def upgrade():
    op.alter_column("users", "name", new_column_name="full_name")
