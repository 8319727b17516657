class Order(Base):
    total_price = Column(Numeric(12, 2), nullable=False)
    amount_minor = mapped_column(Integer)
