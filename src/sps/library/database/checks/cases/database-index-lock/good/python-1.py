from alembic import op

# the database is postgresql


def upgrade():
    with op.get_context().autocommit_block():
        op.create_index("orders_user_idx", "orders", ["user_id"], postgresql_concurrently=True)


def downgrade():
    op.create_index("orders_old_idx", "orders", ["old"])
