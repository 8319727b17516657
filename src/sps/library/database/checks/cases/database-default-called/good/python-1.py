class Order(Base):
    created_at = Column(DateTime(timezone=True), default=lambda: datetime.now(UTC))
    at = mapped_column(DateTime(timezone=True), server_default=func.now(), default=func.now())
