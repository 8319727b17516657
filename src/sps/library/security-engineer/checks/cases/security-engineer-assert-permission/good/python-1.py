def delete(request, pk):
    if not request.user.is_admin:
        raise PermissionDenied
    remove(pk)
