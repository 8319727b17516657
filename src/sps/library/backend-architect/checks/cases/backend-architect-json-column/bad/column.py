class Order(Base):
    extra = Column(JSONB, nullable=True)
