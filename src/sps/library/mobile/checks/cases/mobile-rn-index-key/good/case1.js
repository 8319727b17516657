const a = <FlatList data={d} renderItem={r} keyExtractor={(item) => item.id} />;
