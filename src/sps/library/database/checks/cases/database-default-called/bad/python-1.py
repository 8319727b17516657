class Order(Base):
    created_at = Column(DateTime(timezone=True), default=datetime.now(UTC))
