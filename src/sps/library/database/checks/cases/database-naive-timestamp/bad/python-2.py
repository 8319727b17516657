op.add_column("orders", sa.Column("paid_at", sa.DateTime(), nullable=True))
