class Order(models.Model):
    tags = models.JSONField(default=[])
