def delete(request, pk):
    assert request.user.is_admin, "admins only"
    remove(pk)
