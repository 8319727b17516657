@router.get("/invoices/{invoice_id}")
def read(invoice_id: int, user: User = Depends(current_user)) -> Invoice:
    return repo.for_tenant(user.tenant).get_or_404(invoice_id)
