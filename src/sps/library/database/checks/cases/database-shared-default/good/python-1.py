class Order(models.Model):
    tags = models.JSONField(default=list)
    state = models.CharField(default="new", choices=[("a", "A")])
