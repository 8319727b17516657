def create(request):
    command = NewUser.model_validate(request.json)
    return User(**command.model_dump())
