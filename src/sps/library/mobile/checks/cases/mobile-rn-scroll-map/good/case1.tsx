const a = <FlatList data={orders} renderItem={renderOrder} keyExtractor={(o) => o.id} />;
const b = <View>{orders.map(renderRow)}</View>;
