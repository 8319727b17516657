from alembic import op

# the database is postgresql


def upgrade():
    op.create_index("orders_user_idx", "orders", ["user_id"])
