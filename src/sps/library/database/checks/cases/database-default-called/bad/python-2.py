class Order(models.Model):
    key = models.UUIDField(default=uuid.uuid4())
    at = models.DateTimeField(default=timezone.now())
