class Order(models.Model):
    amount = models.FloatField()
