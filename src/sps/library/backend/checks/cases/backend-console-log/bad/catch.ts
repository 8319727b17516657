export async function pay(order: Order) {
  try {
    await charge(order);
  } catch (err) {
    console.error(err);
    throw err;
  }
}
