const users = await Promise.all(orders.map(async (o) => {
  return await userRepository.findOneBy({ id: o.userId });
}));
