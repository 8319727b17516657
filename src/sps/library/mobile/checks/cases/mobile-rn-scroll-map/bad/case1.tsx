const a = (
  <ScrollView>
    {orders.map((order) => <Row key={order.id} order={order} />)}
  </ScrollView>
);
