export function Orders() {
  const { data } = useQuery({ queryKey: ["orders"], queryFn: loadOrders });
  return <ul>{data?.map((order) => <Row key={order.id} order={order} />)}</ul>;
}
