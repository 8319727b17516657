from alembic import op
import sqlalchemy as sa


def upgrade():
    op.alter_column("users", "name", existing_type=sa.Text(), nullable=True)


def downgrade():
    op.alter_column("users", "full_name", new_column_name="name")
