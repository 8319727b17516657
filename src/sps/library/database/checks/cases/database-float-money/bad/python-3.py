op.add_column("orders", sa.Column("net_price", sa.Float(), nullable=True))
