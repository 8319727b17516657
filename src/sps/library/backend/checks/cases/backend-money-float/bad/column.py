class Order(Base):
    total_price = Column(Float, nullable=False)
