const b = <FlatList data={d} renderItem={r} keyExtractor={(item, index) => `${item.day}-${index}`} />;
const c = <Table extract={(_, i) => String(i)} />;
