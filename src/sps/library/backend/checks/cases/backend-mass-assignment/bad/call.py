def create(request):
    return User.objects.create(**request.get_json())
