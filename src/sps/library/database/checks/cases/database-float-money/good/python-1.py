class Order(Base):
    price = Column(Numeric(12, 2), nullable=False)
    weight = Column(Float)
