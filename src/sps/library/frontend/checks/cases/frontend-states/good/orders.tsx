export function Orders() {
  const { data, error, isPending, refetch } = useQuery({ queryKey: ["orders"], queryFn: loadOrders });
  if (isPending) return <OrdersSkeleton />;
  if (error) return <Problem onRetry={refetch} />;
  if (data.length === 0) return <p>No orders yet. <Link to="/shop">Go to the shop</Link></p>;
  return <ul>{data.map((order) => <Row key={order.id} order={order} />)}</ul>;
}
