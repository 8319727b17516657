export const names = (userRepository: Repo, orders: Order[]) =>
  Promise.all(orders.map(async (order) => {
    const user = await userRepository.findOneBy({ id: order.userId });
    return user.name;
  }));
