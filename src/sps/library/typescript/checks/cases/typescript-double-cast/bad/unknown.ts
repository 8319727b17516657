const order = response as unknown as Order;
