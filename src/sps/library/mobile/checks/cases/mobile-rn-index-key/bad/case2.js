const b = <FlatList data={d} renderItem={r} keyExtractor={(item, i) => i.toString()} />;
