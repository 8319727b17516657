const a = <FlatList data={d} renderItem={r} keyExtractor={(_, index) => String(index)} />;
