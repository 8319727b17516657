class Order(models.Model):
    extra = models.JSONField(default=dict)
