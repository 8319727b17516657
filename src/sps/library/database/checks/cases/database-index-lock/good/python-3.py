from alembic import op

# postgresql and sqlite


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        op.create_index("orders_user_idx", "orders", ["user_id"])
    else:
        build_online()
