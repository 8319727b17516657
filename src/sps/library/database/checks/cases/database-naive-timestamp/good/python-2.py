op.add_column("orders", sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True))
when = DateTime()
day = Column(Date)
