@router.get("/invoices/{invoice_id}")
def read(invoice_id: int, user: User = Depends(current_user)) -> Invoice:
    return repo.get(invoice_id)
