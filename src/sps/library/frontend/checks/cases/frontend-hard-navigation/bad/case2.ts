const open = (id: string) => window.location.assign(`/orders/${id}`);
