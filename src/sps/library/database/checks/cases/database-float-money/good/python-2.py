class Order(models.Model):
    amount_due = models.DecimalField(max_digits=12, decimal_places=2)
    balance_angle = models.FloatField()
    fee: Mapped[int] = mapped_column(Integer)
