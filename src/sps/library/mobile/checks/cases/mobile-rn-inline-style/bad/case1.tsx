const a = <FlatList data={d} renderItem={({ item }) => <Text style={{ padding: 8 }}>{item.name}</Text>} />;
