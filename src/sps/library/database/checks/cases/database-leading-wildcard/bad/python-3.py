rows = User.objects.filter(name__icontains=term)
