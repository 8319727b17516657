class Order(models.Model):
    amount_due = models.FloatField()
